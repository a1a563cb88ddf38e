// The chat page, by keyboard alone.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import {
  add, begun, isWhole, markdown, messages, path, step, title, turned
} from '../../main/resources/org/jformers/server/web/conversation.js';
import { Harness, press, tabTo, until } from './harness.mjs';

const harness = new Harness();
before(() => harness.start());
after(() => harness.stop());

const shown = page => page.locator('#messages .content').allTextContents();

async function chat(options = {}) {
  const page = await harness.page(options.path ?? '/chat.html?model=slow', options);
  await page.waitForSelector('#model option', { state: 'attached' });
  return page;
}

/** Answers have 20 tokens. */
async function short(page) {
  await press(page, 'length', 'Home', 'ArrowRight');
  await tabTo(page, 'message');
}

async function answered(page, count) {
  await until(`${count} messages, the last one whole`, async () =>
    (await shown(page)).length === count && await page.isDisabled('#stop'));
  return shown(page);
}

test('a conversation is a tree of which one path is shown', () => {
  const conversation = begun('a');
  assert.equal(title(conversation), 'New conversation');
  const first = add(conversation.root, 'user', 'What is\nash?');
  add(first, 'assistant', 'Old.');
  add(first, 'assistant', 'New.');
  assert.deepEqual(path(conversation).map(node => node.content), ['What is\nash?', 'New.']);
  step(conversation, 1, -1);
  assert.equal(path(conversation)[1].content, 'Old.');
  step(conversation, 1, -1);
  assert.equal(path(conversation)[1].content, 'Old.');
  conversation.persona = 'A dog.';
  assert.deepEqual(messages(conversation, first),
    [{ role: 'system', content: 'A dog.' }, { role: 'user', content: 'What is\nash?' }]);
  assert.deepEqual(turned(conversation),
    [{ role: 'assistant', content: 'What is\nash?' }, { role: 'user', content: 'Old.' }]);
  assert.equal(markdown(conversation), '# What is ash?\n\n> A dog.\n\n## You\n\nWhat is\nash?\n\n## Model\n\nOld.\n');
  assert.ok(isWhole(JSON.parse(JSON.stringify(conversation))));
  for (const broken of [null, {}, { id: 'a', persona: '', root: { children: [{}], shown: 0 } },
    { id: 'a', persona: '', root: { children: [], shown: 'x' } }]) {
    assert.ok(!isWhole(broken));
  }
});

test('answers stream, stop, come again and differ by version', async () => {
  const page = await chat();
  const asked = page.waitForRequest('**/v1/chat/completions');
  await press(page, 'length', 'End');
  await tabTo(page, 'persona');
  await page.keyboard.type('You are a river.');
  await tabTo(page, 'message');
  await page.keyboard.type('What is ');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('a volcano?');
  await page.keyboard.press('Enter');
  const request = (await asked).postDataJSON();
  assert.deepEqual(request, {
    model: 'slow', messages: [{ role: 'system', content: 'You are a river.' },
      { role: 'user', content: 'What is \na volcano?' }],
    max_tokens: 2000, temperature: 0.8, top_p: 0.95, stream: true
  });
  await until('a first part', async () => ((await shown(page))[1] ?? '') !== '');
  const part = (await shown(page))[1];
  await until('a further part', async () => (await shown(page))[1].length > part.length);
  await page.keyboard.press('Escape');
  const stopped = await answered(page, 2);
  assert.equal(await page.textContent('#status'), 'Stopped.');
  await until('the server notices', () => /POST \/v1\/chat\/completions 499/.test(harness.open.log));
  await press(page, 'length', 'Home');
  await press(page, 'again-1', 'Enter');
  const again = await answered(page, 2);
  assert.notEqual(again[1], stopped[1]);
  assert.match(await page.textContent('#message-1'), /2 \/ 2/);
  await until('it is read out', async () => (await page.textContent('#spoken')).endsWith(again[1]));
  await press(page, 'earlier-1', 'Enter');
  assert.deepEqual(await shown(page), stopped);
  await press(page, 'later-1', 'Enter');
  assert.deepEqual(await shown(page), again);
  await page.context().close();
});

test('a message is edited into a branch; all of it outlives the page', async () => {
  const page = await chat();
  await short(page);
  await page.keyboard.type('One');
  await page.keyboard.press('Enter');
  await answered(page, 2);
  await page.keyboard.type('Two');
  await page.keyboard.press('Enter');
  const old = await answered(page, 4);
  await press(page, 'edit-2', 'Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'edited');
  await page.keyboard.press('Escape');
  assert.deepEqual(await shown(page), old);
  await press(page, 'edit-2', 'Enter');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('Three');
  const asked = page.waitForRequest('**/v1/chat/completions');
  await page.keyboard.press('Enter');
  assert.deepEqual((await asked).postDataJSON().messages.map(each => each.content), [old[0], old[1], 'Three']);
  const fresh = await answered(page, 4);
  assert.equal(fresh[2], 'Three');
  await press(page, 'earlier-2', 'Enter');
  assert.deepEqual(await shown(page), old);
  // A page of the same browser, later.
  const later = await chat({ context: page.context() });
  await until('it is there again', async () => (await shown(later)).length === 4);
  assert.deepEqual(await shown(later), old);
  await press(later, 'later-2', 'Enter');
  assert.deepEqual(await shown(later), fresh);
  await press(later, 'new', 'Enter');
  assert.deepEqual(await shown(later), []);
  await later.keyboard.type('Four');
  await later.keyboard.press('Enter');
  await answered(later, 2);
  await press(later, 'conversation', 'ArrowDown');
  await until('the other one', async () => (await shown(later))[0] === 'One');
  later.on('dialog', dialog => dialog.accept());
  await press(later, 'delete', 'Enter');
  await until('the last one', async () => (await shown(later))[0] === 'Four');
  await later.reload();
  assert.equal(await later.locator('#conversation option').count(), 1);
  await page.context().close();
});

test('replies are suggested in the place of the user', async () => {
  const page = await chat({ path: '/chat.html?model=talks' });
  assert.ok(await page.isDisabled('#suggest'));
  await short(page);
  await page.keyboard.type('What is a volcano?');
  await page.keyboard.press('Enter');
  const [said, answer] = await answered(page, 2);
  const asked = page.waitForRequest('**/v1/chat/completions');
  await press(page, 'suggest', 'Enter');
  const request = (await asked).postDataJSON();
  assert.deepEqual(request.messages, [{ role: 'assistant', content: said }, { role: 'user', content: answer }]);
  assert.equal(request.n, 3);
  await page.waitForSelector('#reply-0');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'reply-0');
  const texts = await page.locator('#replies button').allTextContents();
  assert.equal(new Set(texts).size, texts.length);
  await Harness.look(page, 'chat-replies');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await page.inputValue('#message'), texts[1]);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'message');
  assert.ok(await page.isHidden('#replies'));
  // A template that wants users to begin gets the rest.
  const bodies = [];
  await page.route('**/v1/chat/completions', route => {
    bodies.push(route.request().postDataJSON().messages.length);
    return bodies.length > 1 ? route.continue() : route.fulfill({
      status: 400, contentType: 'application/json', body: '{"error": {"message": "messages: a user begins"}}'
    });
  });
  await press(page, 'suggest', 'Enter');
  await page.waitForSelector('#reply-0');
  assert.deepEqual(bodies, [2, 1]);
  await page.context().close();
});

test('what is said is exported, and shown as text', async () => {
  const page = await chat();
  await short(page);
  await page.keyboard.type('<img src=x onerror=alert(1)> **bold**');
  await page.keyboard.press('Enter');
  const [said, answer] = await answered(page, 2);
  assert.equal(said, '<img src=x onerror=alert(1)> **bold**');
  assert.equal(await page.locator('#messages img').count(), 0);
  for (const [id, holds] of [['markdown', text => text.includes(`## You\n\n${said}\n`) && text.includes(answer)],
    ['json', text => JSON.parse(text).messages[1].content === answer]]) {
    const coming = page.waitForEvent('download');
    await press(page, id, 'Enter');
    const file = await coming;
    assert.match(file.suggestedFilename(), /^conversation\.(md|json)$/);
    assert.ok(holds(await readFile(await file.path(), 'utf8')), id);
  }
  await page.context().close();
});

test('what goes wrong is said, and the message is kept', async () => {
  const page = await chat();
  await page.route('**/v1/chat/completions', route => route.fulfill({
    status: 429, contentType: 'application/json', body: '{"error": {"message": "model: is busy", "code": "busy"}}'
  }));
  await tabTo(page, 'message');
  await page.keyboard.type('One');
  await page.keyboard.press('Enter');
  await until('the error', async () => await page.textContent('#status') === 'model: is busy');
  assert.deepEqual(await shown(page), ['One']);
  await page.unroute('**/v1/chat/completions');
  await short(page);
  await press(page, 'ask-0', 'Enter');
  assert.equal((await answered(page, 2))[0], 'One');
  await page.context().close();
});

for (const [name, options] of Object.entries({
  light: {}, dark: { colors: 'dark' }, phone: { width: 360, height: 740 }, wide: { width: 1900, height: 1000 }
})) {
  test(`the chat can be used by everybody, ${name}`, async () => {
    const page = await chat(options);
    await short(page);
    await page.keyboard.type('What is a volcano?');
    await page.keyboard.press('Enter');
    await answered(page, 2);
    await press(page, 'again-1', 'Enter');
    await answered(page, 2);
    await Harness.look(page, `chat-${name}`);
    await page.context().close();
  });
}

test('the start leads to the pages', async () => {
  const page = await harness.page('/');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await Harness.look(page, 'start');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/chat.html');
  await page.context().close();
});

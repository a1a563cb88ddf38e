// Write With Transformer, by keyboard alone but for one click.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { changed, whole, wholeWords } from '../../main/resources/org/jformers/server/web/spans.js';
import { Harness, press, tabTo, until } from './harness.mjs';
import { WORDS } from './model.mjs';

const harness = new Harness();
before(() => harness.start({ keyed: true }));
after(() => harness.stop());

const text = page => page.inputValue('#text');
const marked = page => page.locator('#behind mark').allTextContents();
const options = page => page.locator('#suggestions [role=option]').allTextContents();

async function editor(options_ = {}) {
  // All the time there is, so that a busy machine gives three suggestions too.
  const page = await harness.page(options_.path ?? '/write.html?model=slow',
    { kept: { 'jformers.write.settings': { budget: '5' } }, ...options_ });
  await page.waitForSelector('#model option', { state: 'attached' });
  return page;
}

async function three(page) {
  await page.keyboard.press('Tab');
  await until('three suggestions', async () => /^3 suggestions/.test(await page.textContent('#status')));
  return options(page);
}

test('spans know who wrote what', () => {
  const typed = changed([], 'A volcano', 'typed');
  const more = changed(typed, 'A volcano sleeps', 'generated', 16);
  assert.deepEqual(more, [{ text: 'A volcano', origin: 'typed' }, { text: ' sleeps', origin: 'generated' }]);
  const within = changed(more, 'A volcano slowly sleeps', 'typed', 17);
  assert.deepEqual(within.map(span => span.origin), ['typed', 'generated', 'typed', 'generated']);
  assert.equal(whole(within), 'A volcano slowly sleeps');
  // Of equal letters those before the caret are the new ones.
  const equal = changed([{ text: 'aa', origin: 'generated' }], 'aaa', 'typed', 1);
  assert.deepEqual(equal, [{ text: 'a', origin: 'typed' }, { text: 'aa', origin: 'generated' }]);
  assert.deepEqual(changed(more, '', 'typed'), []);
  assert.deepEqual(changed(more, 'A volcano', 'typed'), typed);
});

test('suggestions end in whole words', () => {
  assert.equal(wholeWords(' of fire and as', false), ' of fire and');
  assert.equal(wholeWords(' of fire.', false), ' of fire.');
  assert.equal(wholeWords(' of fire', true), ' of fire');
  assert.equal(wholeWords(' fi', false), '');
  assert.equal(wholeWords(' caf\u00e9 \ufffd', false), ' caf\u00e9');
});

test('Tab brings three suggestions, keys choose and insert one', async () => {
  const page = await editor();
  const asked = page.waitForRequest('**/v1/completions');
  await page.keyboard.type('The old volcano');
  const first = await three(page);
  assert.equal(new Set(first).size, 3);
  const request = (await asked).postDataJSON();
  assert.deepEqual(request, {
    model: 'slow', prompt: 'The old volcano', n: 3, max_tokens: 20, temperature: 1, top_p: 0.9, stream: true
  });
  const second = await three(page);
  assert.equal(second.filter(each => first.includes(each)).length, 0);
  assert.equal(await page.getAttribute('#text', 'aria-activedescendant'), 'suggestion-0');
  await page.keyboard.press('ArrowUp');
  assert.equal(await page.getAttribute('#text', 'aria-activedescendant'), 'suggestion-2');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.getAttribute('[aria-selected=true]', 'id'), 'suggestion-1');
  await page.keyboard.press('Enter');
  assert.equal((await text(page)).replace(/\s+/g, ' '), `The old volcano ${second[1]}`);
  assert.deepEqual((await marked(page)).map(each => each.trim()), [second[1]]);
  assert.deepEqual(await options(page), []);
  await page.keyboard.type(' I say.');
  assert.match(await text(page), / I say\.$/);
  assert.deepEqual((await marked(page)).map(each => each.trim()), [second[1]]);
  // Undone and done again, it is still known who wrote it.
  for (let i = 0; i < 12 && await text(page) !== 'The old volcano'; i++) {
    await page.keyboard.press('Control+z');
  }
  assert.equal(await text(page), 'The old volcano');
  assert.deepEqual(await marked(page), []);
  await page.keyboard.press('Control+Shift+z');
  assert.deepEqual((await marked(page)).map(each => each.trim()), [second[1]]);
  await page.context().close();
});

test('Escape and typing dismiss, a click inserts, suggestions come at the caret', async () => {
  const page = await editor();
  await page.keyboard.type('The river and the sea');
  await three(page);
  await page.keyboard.press('Escape');
  assert.deepEqual(await options(page), []);
  assert.equal(await text(page), 'The river and the sea');
  await three(page);
  await page.keyboard.type('s');
  assert.deepEqual(await options(page), []);
  for (let i = 0; i < ' and the seas'.length; i++) {
    await page.keyboard.press('ArrowLeft');
  }
  const asked = page.waitForRequest('**/v1/completions');
  const words = await three(page);
  assert.equal((await asked).postDataJSON().prompt, 'The river');
  await page.click('#suggestion-2');
  const now = await text(page);
  assert.ok(now.startsWith('The river') && now.includes(words[2]) && now.endsWith(' and the seas'), now);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'text');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Delete');
  await page.keyboard.press('Tab');
  assert.match(await page.textContent('#status'), /Write some words first/);
  await page.context().close();
});

test('sliders and the model change what is asked for and are kept', async () => {
  const page = await editor();
  await page.keyboard.type('The sea ');
  await press(page, 'model', 'End');
  await press(page, 'length', 'Home', 'ArrowRight');
  await press(page, 'temperature', 'ArrowRight', 'ArrowRight');
  await press(page, 'top-p', 'Home');
  assert.equal(await page.textContent('output[for=length]'), '10 tokens');
  assert.equal(await page.getAttribute('#length', 'aria-valuetext'), '10 tokens');
  const asked = page.waitForRequest('**/v1/completions');
  await press(page, 'suggest', 'Enter');
  const request = (await asked).postDataJSON();
  assert.deepEqual([request.model, request.max_tokens, request.temperature, request.top_p], ['talks', 10, 1.2, 0.05]);
  assert.equal(request.prompt, 'The sea');
  await page.reload();
  assert.deepEqual([await page.inputValue('#length'), await page.inputValue('#temperature'), await text(page)],
    ['10', '1.2', 'The sea ']);
  await page.context().close();
});

test('the time ends suggestions, which are whole words, and typing on ends them at once', async () => {
  const page = await editor();
  await page.keyboard.type('The old volcano');
  await press(page, 'length', 'End');
  const gone = () => harness.open.log.split('POST /v1/completions 499').length - 1;
  const before_ = gone();
  await press(page, 'budget', 'Home', ...Array(8).fill('ArrowRight'));
  assert.equal(await page.textContent('output[for=budget]'), '1 s');
  await until('suggestions', async () => {
    await press(page, 'suggest', 'Enter');
    await until('the end of the time', async () => !/being written/.test(await page.textContent('#status')));
    return (await options(page)).length > 0;
  }, 20_000);
  for (const words of await options(page)) {
    for (const word of words.split(/[ ,.]+/).filter(Boolean)) {
      assert.ok(WORDS.includes(word), word);
    }
  }
  await until('the server notices', () => gone() > before_);
  await press(page, 'budget', 'End');
  const ended = gone();
  await tabTo(page, 'suggest');
  await page.keyboard.press('Enter');
  await until('a first word', async () => (await options(page)).length > 0);
  await page.keyboard.type(',');
  assert.deepEqual(await options(page), []);
  await until('the server notices', () => gone() > ended);
  assert.deepEqual(await options(page), []);
  await page.context().close();
});

test('of a text that is too long for the model its end is gone on with', async () => {
  const page = await editor({ path: '/write.html?model=talks' });
  const asked = [];
  await page.route('**/v1/completions', route => {
    const { prompt } = route.request().postDataJSON();
    asked.push(prompt.length);
    return prompt.length <= 4000 ? route.continue() : route.fulfill({
      status: 400, contentType: 'application/json', body: '{"error": {"code": "context_length_exceeded"}}'
    });
  });
  await page.evaluate(() => {
    const field = document.getElementById('text');
    field.value = 'xyz '.repeat(4000);
    field.dispatchEvent(new InputEvent('input'));
  });
  await page.keyboard.press('Control+End');
  await press(page, 'suggest', 'Enter');
  await until('an answer', async () => /suggestion|Nothing/.test(await page.textContent('#status')));
  await press(page, 'suggest', 'Enter');
  await until('a further request', () => asked.length === 3);
  // Half of it, from a place that stays the same as one writes on; what was found out is not asked for again.
  assert.deepEqual(asked, [7999, 3012, 3012]);
  await page.context().close();
});

test('a document is saved, opened by its link, and changes of others are not lost', async () => {
  const page = await editor();
  await page.keyboard.type('The old volcano');
  await three(page);
  await page.keyboard.press('Enter');
  await tabTo(page, 'title');
  await page.keyboard.type('Fire <b>');
  await press(page, 'save', 'Enter');
  await until('saved', async () => /^Saved/.test(await page.textContent('#status')));
  const link = page.url();
  assert.match(link, /#doc_[0-9a-f]{24}$/);
  assert.equal(await page.getAttribute('#address', 'href'), new URL(link).hash);
  const other = await editor({ path: link });
  await until('opened', async () => await text(other) !== '');
  assert.deepEqual([await text(other), await marked(other), await other.inputValue('#title'),
    await other.inputValue('#model')], [await text(page), await marked(page), 'Fire <b>', 'slow']);
  await tabTo(other, 'text');
  await other.keyboard.press('Control+End');
  await other.keyboard.type(' Ash.');
  await other.keyboard.press('Control+s');
  await until('saved', async () => /^Saved/.test(await other.textContent('#status')));
  await tabTo(page, 'text');
  await page.keyboard.type('!');
  await page.keyboard.press('Control+s');
  await until('refused', async () => /Somebody else/.test(await page.textContent('#status')));
  // What is mine is kept as a copy.
  await press(page, 'new', 'Enter');
  await press(page, 'save', 'Enter');
  await until('another link', () => page.url() !== link && page.url().includes('#doc_'));
  const none = await editor({ path: '/write.html#doc_000000000000000000000000' });
  await until('told', async () => /no document/.test(await none.textContent('#status')));
  assert.ok(!harness.open.log.includes('doc_') && !harness.open.log.includes('volcano'));
  for (const each of [page, other, none]) {
    await each.context().close();
  }
});

test('a key is asked for and kept for the tab', async () => {
  const page = await harness.page(`${harness.keyedUrl}/write.html`);
  await page.waitForSelector('dialog[open]');
  await Harness.look(page, 'key');
  await page.keyboard.type('wrong');
  await page.keyboard.press('Enter');
  await until('asked again', async () => await page.locator('#key').inputValue().catch(() => 'none') === '');
  await page.keyboard.type(Harness.KEY);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#model option', { state: 'attached' });
  assert.equal(await page.evaluate(() => Object.values(localStorage).join()), '');
  await page.reload();
  await page.waitForSelector('#model option', { state: 'attached' });
  assert.equal(await page.locator('dialog').count(), 0);
  assert.ok(!harness.keyed.log.includes(Harness.KEY));
  await page.context().close();
});

for (const [name, options_] of Object.entries({
  light: {}, dark: { colors: 'dark' }, phone: { width: 360, height: 740 }, wide: { width: 1900, height: 1000 }
})) {
  test(`the editor can be used by everybody, ${name}`, async () => {
    const page = await editor(options_);
    await page.keyboard.type('The old volcano sleeps over the quiet valley, and');
    await three(page);
    await page.keyboard.press('Enter');
    await page.keyboard.type(' The river');
    await three(page);
    await page.keyboard.press('ArrowDown');
    await Harness.look(page, `write-${name}`);
    await page.context().close();
  });
}

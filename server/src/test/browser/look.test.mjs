// The page that looks inside models, by keyboard alone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Harness, press, tabTo, until } from './harness.mjs';

const harness = new Harness();
before(() => harness.start({ keyed: true }));
after(() => harness.stop());

const TEXT = 'The river and the sea and the fire';

async function looked(options = {}) {
  const page = await harness.page(options.path ?? '/look.html?model=talks', options);
  await until('the first look', async () => /tokens, \d+ layers/.test(await page.textContent('#status')));
  return page;
}

/** Looks at a text of eight tokens. */
async function look(page) {
  await tabTo(page, 'text');
  await page.keyboard.press('Control+a');
  await page.keyboard.type(TEXT);
  await page.keyboard.press('Enter');
  await until('eight tokens', async () => /^(8|9|1\d) tokens/.test(await page.textContent('#status')));
}

/** Goes to a part by arrows in the list of tabs. */
async function open(page, part) {
  const chosen = await page.getAttribute('[role=tab][aria-selected=true]', 'id');
  await tabTo(page, chosen);
  for (let presses = 0; presses < 4 && await page.getAttribute(`#tab-${part}`, 'aria-selected') !== 'true'; presses++) {
    await page.keyboard.press('ArrowRight');
  }
  assert.ok(await page.isVisible(`#${part}`));
}

const active = (page, list) => page.getAttribute(`#${list}`, 'aria-activedescendant');

test('tokens are shown with what is predicted behind them', async () => {
  const page = await looked();
  const asked = page.waitForRequest('**/look');
  await look(page);
  assert.deepEqual((await asked).postDataJSON(), { model: 'talks', text: TEXT, alternatives: 8, neighbours: 8 });
  const tokens = await page.locator('#token-strip [role=option]').allTextContents();
  assert.equal(tokens.join('').replace(/·/g, ' '), TEXT);
  assert.ok(tokens.includes('·river'), tokens.join('|'));
  await tabTo(page, 'token-strip');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowRight');
  assert.equal(await active(page, 'token-strip'), 'token-strip-1');
  assert.match(await page.textContent('#token-facts'), /Place2 of \d+Id\d+/);
  const rows = await page.locator('#token-choices tbody tr').count();
  assert.ok(rows === 8 || rows === 9);
  assert.equal(await page.locator('#token-choices tr.marked').count(), 1);
  await page.keyboard.press('End');
  assert.match(await page.textContent('#token-choices'), /Here the text is over/);
  await press(page, 'token-table-open', 'Enter');
  await until('the table', async () => await page.locator('#token-table tbody tr').count() === tokens.length);
  await page.context().close();
});

test('attention of layers and heads is walked through', async () => {
  const page = await looked();
  await look(page);
  await open(page, 'attention');
  await until('a map', async () => /mean of all heads/.test(await page.textContent('#head-title')));
  assert.equal(await page.locator('#heads [role=option]').count(), 2 * 5);
  await tabTo(page, 'heads');
  const asked = page.waitForRequest('**/look/attention');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');
  assert.equal((await asked).postDataJSON().text, TEXT);
  await until('the head', async () => await page.textContent('#head-title') === 'Layer 2, head 1');
  await tabTo(page, 'map');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  const [first, second] = await page.locator('#attention-strip [role=option]').allTextContents();
  await until('a cell', async () =>
    (await page.textContent('#map-cell')).startsWith(`${second} (2) looks at ${first} (1): `));
  assert.match(await page.textContent('#map-cell'), /: [\d.]+ %$/);
  const weights = await page.locator('#looks .number').allTextContents();
  assert.equal(weights.length, 2);
  assert.ok(Math.abs(weights.reduce((sum, text) => sum + parseFloat(text), 0) - 100) < 0.2, weights.join());
  await tabTo(page, 'attention-strip');
  await page.keyboard.press('ArrowRight');
  await until('the third row', async () => /\(3\) looks at/.test(await page.textContent('#looks-title')));
  await press(page, 'map-table-open', 'Enter');
  const cells = await page.locator('#map-table tbody tr').nth(2).locator('td').allTextContents();
  assert.ok(cells.slice(3).every(cell => cell === '0.000'), cells.join());
  await page.context().close();
});

test('states that are alike are shown by layer', async () => {
  const page = await looked();
  await look(page);
  await open(page, 'states');
  await tabTo(page, 'state-strip');
  const tokens = await page.locator('#state-strip [role=option]').allTextContents();
  const and = tokens.indexOf('·and');
  assert.ok(and > 0 && tokens.lastIndexOf('·and') > and);
  for (let presses = 0; presses < and; presses++) {
    await page.keyboard.press('ArrowRight');
  }
  // The same word has the same embedding.
  assert.match(await page.textContent('#near tbody tr'), /^·and1\.000$/);
  await press(page, 'layer', 'ArrowRight');
  assert.equal(await page.textContent('#layer-name'), 'behind layer 1');
  assert.match(await page.textContent('#near h3'), /behind layer 1/);
  assert.equal(await page.locator('#near-table tbody tr').count(), 3);
  await page.context().close();
});

test('masks are chosen, changed and drawn', async () => {
  const page = await looked();
  await open(page, 'masks');
  const seen = () => page.locator('#pattern-table tbody tr td').allTextContents();
  await press(page, 'pattern-table-open', 'Enter');
  await until('the pattern of the model', async () => (await seen()).length === 16);
  assert.match(await page.textContent('#mask option'), /^causal$/);
  assert.match(await page.textContent('#mask-places'), /^Of 2 places/);
  assert.deepEqual((await seen()).slice(0, 3), ['1', '1–2', '1–3']);
  await tabTo(page, 'mask');
  await page.keyboard.type('Causal window');
  await until('a window', async () => (await seen())[5] === '3–6');
  await tabTo(page, 'mask-window-0');
  await page.keyboard.press('ArrowDown');
  await until('a smaller one', async () => (await seen())[5] === '4–6');
  await press(page, 'padding', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowRight');
  await until('padding', async () => (await seen())[5] === '5–6');
  await press(page, 'length', 'Home');
  await until('two tokens', async () => (await seen()).length === 2);
  await press(page, 'length', 'PageUp');
  await tabTo(page, 'pattern');
  await page.keyboard.press('ArrowDown');
  await until('a cell', async () => /^Token 2 /.test(await page.textContent('#pattern-cell')));
  await press(page, 'mask-json-open', 'Enter');
  await tabTo(page, 'mask-json');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('{"type": "nn.mask.StridedMask", "stride": 0}');
  await until('the error', async () => /stride/.test(await page.textContent('#status.error')));
  await page.keyboard.press('Control+a');
  await page.keyboard.type('{"type": ');
  assert.match(await page.textContent('#status'), /is no JSON of a mask/);
  await page.context().close();
});

test('what is wrong is said', async () => {
  const page = await looked();
  await tabTo(page, 'text');
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('river '.repeat(600));
  await page.keyboard.press('Enter');
  await until('the error', async () => /allowed up to 512/.test(await page.textContent('#status.error').catch(() => '')));
  await page.context().close();
});

test('the key is asked for', async () => {
  const page = await harness.page(`${harness.keyedUrl}/look.html`);
  await page.waitForSelector('dialog[open]');
  await page.keyboard.type(Harness.KEY);
  await page.keyboard.press('Enter');
  await until('the first look', async () => /tokens, \d+ layers/.test(await page.textContent('#status')));
  await page.context().close();
});

for (const [name, options] of Object.entries({
  light: {}, dark: { colors: 'dark' }, phone: { width: 360, height: 740 }, wide: { width: 1900, height: 1000 }
})) {
  test(`the inside can be looked at by everybody, ${name}`, async () => {
    const page = await looked(options);
    for (const [part, filled] of [['tokens', '#token-choices td'], ['attention', '#looks td'], ['states', '#near td'],
      ['masks', '#pattern-cell:not(:empty)']]) {
      await open(page, part);
      await page.waitForSelector(filled);
      for (const summary of await page.locator(`#${part} summary`).all()) {
        await summary.focus();
        await page.keyboard.press('Enter');
      }
      await Harness.look(page, `look-${part}-${name}`);
    }
    await page.context().close();
  });
}

// The page that follows runs, by keyboard alone.

import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { duration, short, smoothed, thinned } from '../../main/resources/org/jformers/server/web/charts.js';
import { compared, differ } from '../../main/resources/org/jformers/server/web/runs-side.js';
import { Harness, press, tabTo, until } from './harness.mjs';

const STEPS = 300;
const harness = new Harness();
before(() => harness.follow(folder => {
  write(folder, 'first', 0.002, true);
  write(folder, 'second', 0.004, false);
}, { keyed: true }));
after(() => harness.stop());

function line(row) {
  return `${JSON.stringify(row)}\n`;
}

/** What a run measures at a step. */
function measured(step, rate, started) {
  const loss = 2 + 6 * Math.exp(-step * rate * 5) + 0.1 * Math.sin(step * 1.7);
  const row = line({
    step, split: 'train', time: started + step * 0.7, loss, learning_rate: rate * (1 - step / STEPS / 2),
    tokens_per_second: 4000 + 300 * Math.sin(step), gradient_norm: 1 + 1 / step, resident_megabytes: 700,
    processor_load: 0.9, data_idle_share: 0.02, tokens: step * 2000
  });
  return step % 100 > 0 ? row : row
    + line({ step, split: 'eval', time: started + step * 0.7 + 3, loss: loss + 0.2, accuracy: step / 1000 })
    + line({ step, split: 'norms', time: started + step * 0.7 + 3, 'body.input': 40 + step / 50, head: 70 });
}

function write(folder, name, rate, ended) {
  const started = Date.now() / 1000 - STEPS;
  const run = join(folder, name);
  mkdirSync(run);
  writeFileSync(join(run, 'experiment.json'), JSON.stringify({
    name: 'lm.tiny', seed: 1, model: { layers: 4, width: 64 }, schedule: { kind: 'cosine', learning_rate: rate },
    training: { steps: STEPS }, data: { watch: [] }
  }));
  let log = '';
  for (let step = 10; step <= (ended ? STEPS : 200); step += 10) {
    log += measured(step, rate, started);
  }
  writeFileSync(join(run, 'metrics.jsonl'), log);
  if (ended) {
    writeFileSync(join(run, 'report.json'), JSON.stringify({
      title: 'lm.tiny', description: '', summary: '2.04 bits per byte', measures: [
        { name: 'bits per byte', unit: '', decimals: 3, higherIsBetter: false }],
      results: [{ name: 'this model', note: '', values: [2.04] }, { name: 'before', note: '', values: ['NaN'] }],
      samples: [{ input: 'A volcano', expected: 'is a mountain', predicted: 'is <b>a hill</b>' }],
      facts: {
        started: '', seconds: 210, steps: STEPS, labels: 600000, unit: 'tokens', parameters: 123456, seed: 1,
        precision: 'float32', dataIdleShare: 0.02, machine: { device: 'CPU', cores: 2 }
      }
    }));
    const later = Date.now() / 1000 + 5;
    utimesSync(join(run, 'report.json'), later, later);
  }
}

async function followed(options = {}) {
  const page = await harness.page('/', options);
  await page.waitForSelector('#charts .line');
  return page;
}

const cells = (page, row) => page.locator('#runs tbody tr').nth(row).locator('td').allTextContents();

test('curves are smoothed from their beginning on, and thinned without their peaks', () => {
  assert.deepEqual(smoothed([[0, 4], [1, 4], [2, 4]], 0.9).map(point => Number(point[1].toFixed(9))), [4, 4, 4]);
  assert.ok(Number.isNaN(smoothed([[0, 4], [1, NaN], [2, 5]], 0.5)[1][1]));
  const many = Array.from({ length: 100_000 }, (_, x) => [x, x === 70_001 ? 99 : Math.sin(x)]);
  const few = thinned(many);
  assert.ok(few.length < 2500);
  assert.ok(few.some(point => point[1] === 99));
  assert.deepEqual([few[0], few.at(-1)], [many[0], many.at(-1)]);
  assert.deepEqual([short(0.25), short(12345678), short(0.0000123), short(NaN)], ['0.25', '12.35M', '1.23e-5', 'NaN']);
  assert.deepEqual([duration(59.6), duration(3725)], ['1:00', '1:02:05']);
});

test('settings are compared leaf by leaf', () => {
  const rows = compared({ settings: { a: 1, b: { c: [1, 2], d: null } } }, { settings: { a: 1, b: { c: [1, 3] }, e: [] } });
  assert.deepEqual(rows.filter(differ), [{ path: 'b.c', one: '1, 2', other: '1, 3' },
    { path: 'b.d', one: 'none', other: undefined }, { path: 'e', one: undefined, other: 'none' }]);
});

test('runs are listed, drawn and hidden', async () => {
  const page = await followed();
  await page.waitForURL('**/runs.html');
  assert.match((await cells(page, 0)).join('|'), /^ended\|300 \/ 300\|2\.\d+\|2\.\d+\|.* tokens\/s\|2 %\|90 %$/);
  assert.match((await cells(page, 1)).join('|'), /^running\|200 \/ 300\|/);
  const titles = await page.locator('#charts figcaption').allTextContents();
  assert.deepEqual(titles.slice(0, 3), ['Loss', 'Accuracy', 'Learning rate']);
  assert.ok(!titles.includes('Tokens'));
  const lines = () => page.locator('#charts figure').first().locator('.line').count();
  assert.equal(await lines(), 6); // of each run training, as it is and smoothed, and validation
  await press(page, 'run-1', 'Space');
  await until('one run is hidden', async () => await lines() === 3);
  await page.reload();
  await page.waitForSelector('#charts .line');
  assert.equal(await lines(), 3);
  await press(page, 'run-1', 'Space');
  await until('it is back', async () => await lines() === 6);
  await page.context().close();
});

test('a chart is read with arrows, over steps, tokens and time', async () => {
  const page = await followed();
  const told = () => page.locator('#charts .cell').first().textContent();
  // Validation begins at step 100; only the first run goes on to 300.
  for (const [over, expected] of [['step', /^10: first training [\d.]+, second training [\d.]+$/],
    ['tokens', /^20K: first training [\d.]+, second training [\d.]+$/], ['time', /^0:00: first training/]]) {
    await tabTo(page, 'over');
    await page.keyboard.type(over);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    while (await page.evaluate(() => document.activeElement.className) !== 'chart') {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Home');
    assert.match(await told(), expected);
    await page.keyboard.press('ArrowRight');
    assert.doesNotMatch(await told(), expected);
    if (over === 'step') {
      await page.keyboard.press('End');
      assert.match(await told(), /^300: first training [\d.]+, first validation [\d.]+$/);
    }
  }
  await press(page, 'smooth', 'Home');
  assert.equal(await page.locator('#charts figure').first().locator('.line').count(), 4);
  await press(page, 'logarithmic', 'Space');
  await press(page, 'latest-open', 'Enter');
  assert.match(await page.locator('#latest tbody tr').first().textContent(), /^Loss[\d.]+ training, [\d.]+ validation/);
  await page.context().close();
});

async function open(page, part) {
  await tabTo(page, await page.getAttribute('[role=tab][aria-selected=true]', 'id'));
  for (let presses = 0; presses < 4 && await page.getAttribute(`#tab-${part}`, 'aria-selected') !== 'true'; presses++) {
    await page.keyboard.press('ArrowRight');
  }
  assert.ok(await page.isVisible(`#${part}`));
}

test('norms, results, samples and settings are shown', async () => {
  const page = await followed();
  await open(page, 'norms');
  await until('norms', async () => await page.locator('#norm-charts .line').count() > 0);
  assert.deepEqual(await page.locator('#norm-charts figcaption').allTextContents(), ['Body.input', 'Head']);
  await open(page, 'samples');
  assert.match(await page.textContent('#outcome'), /2\.04 bits per byte.*123.5K parameters.*is <b>a hill<\/b>/s);
  assert.equal(await page.locator('#outcome b').count(), 0);
  await press(page, 'sample-run', 'ArrowDown');
  assert.match(await page.textContent('#outcome'), /when the run has ended/);
  await open(page, 'settings');
  const rows = () => page.locator('#settings-table tbody tr').allTextContents();
  assert.deepEqual(await rows(), ['schedule.learning_rate≠0.0020.004']);
  await press(page, 'differences', 'Space');
  assert.equal((await rows()).length, 8);
  assert.equal(await page.locator('#settings-table tr.differs').count(), 1);
  await press(page, 'other', 'ArrowUp');
  assert.equal(await page.textContent('#settings-count'), '0 of 19 differ.');
  await page.context().close();
});

test('what a run measures is there at once, half lines are not, and what goes back is read anew', async () => {
  const page = await followed();
  const log = join(harness.folder, 'second', 'metrics.jsonl');
  const before = readFileSync(log, 'utf8');
  const step = async () => (await cells(page, 1))[1];
  assert.equal(await step(), '200 / 300');
  const next = measured(210, 0.004, Date.now() / 1000 - 200);
  appendFileSync(log, next + next.replace('210', '220').slice(0, 40));
  await until('the new row', async () => await step() === '210 / 300');
  assert.equal(await page.textContent('#status'), '');
  writeFileSync(log, before.split('\n').slice(0, 5).join('\n') + '\n');
  await until('the run that went back', async () => await step() === '50 / 300');
  write(harness.folder, 'third', 0.001, false);
  await until('a run that began', async () => await page.locator('#runs tbody tr').count() === 3);
  rmSync(join(harness.folder, 'third'), { recursive: true });
  await until('a run that is gone', async () => await page.locator('#runs tbody tr').count() === 2);
  writeFileSync(join(harness.folder, 'second', 'experiment.json'), '{');
  await until('what is broken', async () => /not valid JSON/.test((await cells(page, 1))[0]));
  assert.match((await cells(page, 0))[0], /ended/);
  rmSync(join(harness.folder, 'second'), { recursive: true });
  write(harness.folder, 'second', 0.004, false);
  await page.context().close();
});

test('the key is asked for', async () => {
  const page = await harness.page(`${harness.keyedUrl}/runs.html`);
  await page.waitForSelector('dialog[open]');
  await page.keyboard.type(Harness.KEY);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#charts .line');
  await page.context().close();
});

for (const [name, options] of Object.entries({
  light: {}, dark: { colors: 'dark' }, phone: { width: 360, height: 740 }, wide: { width: 1900, height: 1000 }
})) {
  test(`runs can be followed by everybody, ${name}`, async () => {
    const page = await followed(options);
    for (const [part, filled] of [['curves', '#charts .line'], ['norms', '#norm-charts .line'], ['samples', '#outcome dl'],
      ['settings', '#settings-table td']]) {
      await open(page, part);
      await page.waitForSelector(filled);
      await Harness.look(page, `runs-${part}-${name}`);
    }
    await page.context().close();
  });
}

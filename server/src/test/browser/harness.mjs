// Starts `jformers serve` and a browser, and has what the tests of all pages do.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { writeModel } from './model.mjs';

const COMMAND = (process.env.JFORMERS ?? './jformers').split(' ');
const SHOTS = 'server/target/browser';
// Generous, for machines that have more to do than this.
const LONGEST_START_MS = 300_000;
const LONGEST_MS = 60_000;
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

/** A command that serves, in a process of its own. */
class Served {
  log = '';

  constructor(...command) {
    this.process = spawn(COMMAND[0], [...COMMAND.slice(1), ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stderr.on('data', data => { this.log += data; });
    this.url = new Promise((resolve, reject) => {
      let out = '';
      this.process.stdout.on('data', data => {
        out += data;
        const line = /listening on (\S+)/.exec(out);
        if (line) {
          resolve(line[1]);
        }
      });
      this.process.on('exit', code => reject(new Error(`${command[0]} ended with ${code}: ${this.log}`)));
      setTimeout(() => reject(new Error(`${command[0]} did not start: ${this.log}`)), LONGEST_START_MS).unref();
    });
  }

  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) {
      return;
    }
    const ended = new Promise(resolve => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
  }
}

/** A server, perhaps another one with a key, and a browser. */
export class Harness {
  /** What scripts and policies of pages complained of. */
  complaints = [];

  static KEY = 'the-key-of-the-pages';

  async start({ keyed = false } = {}) {
    const keys = this.#prepare();
    const models = ['talks', 'slow'].map(name => join(this.folder, name));
    writeModel(models[0], { ends: true });
    writeModel(models[1], { ends: false, width: 384, layers: 10 });
    this.open = new Served('serve', ...models, '--documents', join(this.folder, 'open.sqlite'));
    if (keyed) {
      this.keyed = new Served('serve', ...models, '--documents', join(this.folder, 'keyed.sqlite'), '--api-key', keys);
    }
    await this.#begin();
  }

  /** The same of a page that follows runs, which are written before it begins. */
  async follow(write, { keyed = false } = {}) {
    const keys = this.#prepare();
    write(this.folder);
    this.open = new Served('dashboard', this.folder);
    if (keyed) {
      this.keyed = new Served('dashboard', this.folder, '--api-key', keys);
    }
    await this.#begin();
  }

  /** A folder with a file of keys, which is returned. */
  #prepare() {
    mkdirSync(SHOTS, { recursive: true });
    this.folder = mkdtempSync(join(tmpdir(), 'jformers-pages-'));
    const keys = join(this.folder, 'keys');
    writeFileSync(keys, `${Harness.KEY}\n`);
    return keys;
  }

  async #begin() {
    this.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
    [this.url, this.keyedUrl] = await Promise.all([this.open.url, this.keyed?.url]);
  }

  async stop() {
    await this.browser?.close();
    await Promise.all([this.open?.stop(), this.keyed?.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
    assert.deepEqual(this.complaints, []);
  }

  /** A page of a browser that has seen nothing. */
  async page(path, options = {}) {
    const context = options.context ?? await this.browser.newContext({
      viewport: { width: options.width ?? 1200, height: options.height ?? 800 },
      colorScheme: options.colors ?? 'light', acceptDownloads: true
    });
    const page = await context.newPage();
    await page.addInitScript(kept => Object.entries(kept).forEach(([name, value]) => {
      localStorage[name] ??= JSON.stringify(value);
    }), options.kept ?? {});
    page.setDefaultTimeout(LONGEST_MS);
    page.on('pageerror', error => this.complaints.push(`${path}: ${error.stack}`));
    page.on('console', message => {
      if (/Content Security Policy|Refused to/.test(message.text())) {
        this.complaints.push(`${path}: ${message.text()}`);
      }
    });
    await page.goto(path.startsWith('http') ? path : this.url + path);
    return page;
  }

  /** Nothing serious for people who see or hear pages otherwise; and a picture for those who look at it. */
  static async look(page, name) {
    const found = await new AxeBuilder({ page }).analyze();
    const serious = found.violations.filter(each => ['serious', 'critical'].includes(each.impact));
    assert.deepEqual(serious.map(each => `${each.id}: ${each.nodes.map(node => node.html).join(' ')}`), [], name);
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(widths[0] <= widths[1], `${name}: is ${widths[0]} wide, there is room for ${widths[1]}`);
    await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
  }
}

/** Goes to an element by the Tab key alone. */
export async function tabTo(page, id) {
  for (let presses = 0; presses < 80; presses++) {
    const now = await page.evaluate(() => document.activeElement.id);
    if (now === id) {
      return;
    }
    if (now === 'text') {
      // The editor takes Tab for itself until Escape was pressed with nothing open.
      for (let escapes = 0; escapes < 3 && !/leaves/.test(await page.textContent('#status')); escapes++) {
        await page.keyboard.press('Escape');
      }
    }
    await page.keyboard.press('Tab');
  }
  assert.fail(`${id} cannot be reached with Tab`);
}

/** Moves a slider or a select by keys. */
export async function press(page, id, ...keys) {
  await tabTo(page, id);
  for (const key of keys) {
    await page.keyboard.press(key);
  }
}

/** Waits until something holds. */
export async function until(what, holds, longest = LONGEST_MS) {
  const end = Date.now() + longest;
  while (!await holds()) {
    assert.ok(Date.now() < end, `did not come: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 25));
  }
}

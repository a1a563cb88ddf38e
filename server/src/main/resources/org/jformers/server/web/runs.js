// Runs: curves of several, what came out of one, the settings of two. Looks for what is new all the time.

import { byId, call, keep, keepSettings, load, make, say, showValues } from './common.js';
import { Chart, duration, short, smoothed } from './charts.js';
import { table, unfolding } from './heat.js';
import { compared, differ, outcome } from './runs-side.js';
import { tabs } from './tabs.js';

const SETTINGS = 'jformers.runs.settings';
const HIDDEN = 'jformers.runs.hidden';
const LOOK_MS = 2000;
/** A run that measured nothing for so long may have ended otherwise. */
const SILENT_S = 300;
const COLORS = 8;
const FIRST = ['loss', 'accuracy', 'learning_rate', /_per_second$/, 'gradient_norm', 'data_idle_share',
  'processor_load', 'resident_megabytes'];
const NAMES = {
  data_idle_share: 'Idle: share of the time spent waiting for data', processor_load: 'Load of the processors',
  resident_megabytes: 'Memory, megabytes', learning_rate: 'Learning rate', gradient_norm: 'Norm of the gradients'
};

/** Runs by name: {name, color, about, problem, rows, last}. */
const runs = new Map();
const hidden = new Set(load(HIDDEN, []));
const charts = { curves: new Map(), norms: new Map() };
let looking = false;

const shownRuns = () => [...runs.values()].filter(run => !hidden.has(run.name));

// ---- what is new ----------------------------------------------------------------------------------------------------

/** Rows that are new; a run that went back to an earlier step is read anew. */
async function follow(run) {
  let changed = false;
  for (let more = true; more;) {
    const address = `/runs/metrics?run=${encodeURIComponent(run.name)}&from=${run.last}`;
    const part = await (await call('GET', address)).json();
    part.rows.forEach(row => Object.keys(row).forEach(key => {
      row[key] = key === 'split' ? row[key] : Number(row[key]); // JSON has no NaN and no infinity
    }));
    const known = run.rows.at(-1);
    const [first] = part.rows;
    const goesOn = known && first && ['step', 'split', 'time'].every(key => first[key] === known[key]);
    if (known && !goesOn && run.last > 0) {
      Object.assign(run, { rows: [], last: 0 });
      changed = true;
      continue;
    }
    const fresh = goesOn ? part.rows.slice(1) : part.rows;
    changed ||= fresh.length > 0 || (!goesOn && run.rows.length !== fresh.length);
    run.rows = goesOn ? run.rows.concat(fresh) : fresh;
    run.last = part.last;
    more = part.more && fresh.length > 0;
  }
  return changed;
}

async function lookForNews() {
  if (looking || document.hidden) {
    return;
  }
  looking = true;
  try {
    const list = (await (await call('GET', '/runs')).json()).runs;
    let changed = list.length !== runs.size;
    for (const name of runs.keys()) {
      if (!list.some(run => run.name === name)) {
        runs.delete(name);
      }
    }
    for (const { name, about, problem } of list) {
      const run = runs.get(name) ?? { name, color: free(), rows: [], last: 0 };
      changed ||= JSON.stringify(run.about?.report) !== JSON.stringify(about?.report) || run.problem !== problem;
      Object.assign(run, { about, problem });
      runs.set(name, run);
      if (about && !hidden.has(name)) {
        changed = await follow(run) || changed;
      }
    }
    showRuns();
    if (changed) {
      showAll();
    }
    byId('fresh').textContent = `as of ${new Date().toLocaleTimeString()}`;
    say(list.length === 0 ? 'No run yet. One that begins is shown when it has.' : '');
  } catch (error) {
    say(error.message, true);
  } finally {
    looking = false;
  }
}

/** A color that the fewest have. */
function free() {
  const counts = Array.from({ length: COLORS },
    (_, color) => [...runs.values()].filter(run => run.color === color).length);
  return counts.indexOf(Math.min(...counts));
}

// ---- the list -------------------------------------------------------------------------------------------------------

function state(run) {
  if (run.problem) {
    return run.problem;
  }
  if (run.about.report) {
    return 'ended';
  }
  const silent = Date.now() / 1e3 - run.about.updated;
  return silent < SILENT_S ? 'running' : `silent for ${duration(silent)}`;
}

/** The last value of a metric; of training unless said otherwise. */
function latest(run, metric, split = 'train') {
  return run.rows.findLast(row => row.split === split && metric(row) !== undefined);
}

const speed = row => Object.keys(row).find(key => key.endsWith('_per_second'));

function cells(run) {
  const last = latest(run, row => row.loss);
  const evaluated = latest(run, row => row.loss, 'eval');
  const fast = latest(run, speed);
  const steps = run.about?.settings?.training?.steps;
  const number = value => value === undefined ? '–' : short(value);
  const share = value => value === undefined ? '–' : `${Math.round(100 * value)} %`;
  const most = steps > 0 ? ` / ${steps.toLocaleString('en')}` : '';
  return [state(run), last ? last.step.toLocaleString('en') + most : '–', number(last?.loss), number(evaluated?.loss),
    fast ? `${short(fast[speed(fast)])} ${speed(fast).replace(/_per_second$/, '')}/s` : '–',
    share(last?.data_idle_share), share(last?.processor_load)];
}

/** The list stays where it is: who stands in it with keys is not thrown out. */
function showRuns() {
  const list = byId('runs');
  const names = [...runs.keys()];
  if (list.dataset.names !== JSON.stringify(names)) {
    list.dataset.names = JSON.stringify(names);
    const focused = document.activeElement?.id;
    const head = make('tr', {}, ...['Run', 'State', 'Step', 'Loss', 'Validation', 'Speed', 'Idle', 'Load'].map(name =>
      make('th', { scope: 'col', textContent: name })));
    list.replaceChildren(make('table', { className: 'plain-table runs' }, make('thead', {}, head),
      make('tbody', {}, ...[...runs.values()].map((run, index) => row(run, index)))));
    byId(focused)?.focus();
    choices();
  }
  [...runs.values()].forEach((run, index) => {
    const own = list.querySelectorAll('tbody tr')[index];
    cells(run).forEach((text, column) => {
      const cell = own.children[column + 1];
      if (cell.textContent !== text) {
        cell.textContent = text;
      }
    });
    own.children[1].className = `state ${run.problem ? 'error' : state(run).split(' ')[0]}`;
  });
}

function row(run, index) {
  const box = make('input', { type: 'checkbox', id: `run-${index}`, checked: !hidden.has(run.name) });
  box.addEventListener('change', () => {
    hidden[box.checked ? 'delete' : 'add'](run.name);
    keep(HIDDEN, [...hidden]);
    showAll();
    lookForNews();
  });
  return make('tr', {}, make('th', { scope: 'row' }, make('label', { className: 'run' }, box,
    make('span', { className: `swatch run-${run.color}` }), run.name)), ...Array.from({ length: 7 }, () => make('td')));
}

// ---- curves ---------------------------------------------------------------------------------------------------------

/** Where a row stands on the chosen axis. */
function places(run) {
  const over = byId('over').value;
  if (over === 'step') {
    return row => row.step;
  }
  if (over === 'time') {
    return row => row.time - run.rows[0].time;
  }
  const fast = latest(run, speed);
  const unit = fast && speed(fast).replace(/_per_second$/, '');
  // Only training counts what it has seen; what is measured in between stands where training was.
  const seen = new Map(run.rows.filter(row => row[unit] !== undefined).map(row => [row.step, row[unit]]));
  let before = 0;
  const known = new Map();
  for (const row of run.rows) {
    before = seen.get(row.step) ?? before;
    known.set(row.step, seen.size > 0 ? before : NaN);
  }
  return row => known.get(row.step);
}

function order(names) {
  const rank = name => {
    const found = FIRST.findIndex(each => each.test ? each.test(name) : each === name);
    return found < 0 ? FIRST.length : found;
  };
  return [...names].sort((a, b) => rank(a) - rank(b));
}

function title(metric) {
  const words = metric.replaceAll('_', ' ');
  return NAMES[metric] ?? words[0].toUpperCase() + words.slice(1);
}

const splitName = split => split === 'train' ? 'training' : split === 'eval' ? 'validation' : split;

function lines(run, metric, fits, smooth) {
  const place = places(run);
  const splits = [...new Set(run.rows.filter(row => fits(row) && row[metric] !== undefined).map(row => row.split))];
  return splits.flatMap(split => {
    const points = run.rows.filter(row => row.split === split && row[metric] !== undefined)
      .map(row => [place(row), row[metric]]);
    const style = `run-${run.color} ${{ train: 'train', norms: 'train', eval: 'eval' }[split] ?? 'other'}`;
    const name = split === 'norms' ? run.name : `${run.name} ${splitName(split)}`;
    const share = split === 'train' && metric !== 'learning_rate' ? smooth : 0;
    return [...share > 0 ? [{ name, style, points, faint: 1 }] : [], { name, style, points: smoothed(points, share) }];
  });
}

/** Charts of metrics, kept as long as there are such metrics: who stands in one with keys stays there. */
function fill(kept, list, names, fits, smooth) {
  const axis = byId('over').value === 'time' ? duration : short;
  for (const name of kept.keys()) {
    if (!names.includes(name)) {
      kept.get(name).element.remove();
      kept.delete(name);
    }
  }
  names.forEach((name, index) => {
    if (!kept.has(name)) {
      kept.set(name, new Chart(title(name), name === 'loss'));
    }
    const chart = kept.get(name);
    if (list.children[index] !== chart.element) {
      list.insertBefore(chart.element, list.children[index] ?? null);
    }
    chart.show(shownRuns().filter(run => run.about).flatMap(run => lines(run, name, fits, smooth)), axis,
      byId('logarithmic').checked);
  });
}

function metrics(fits) {
  const names = new Set();
  for (const run of shownRuns()) {
    const unit = latest(run, speed);
    const seen = unit && speed(unit).replace(/_per_second$/, '');
    run.rows.filter(fits).forEach(row => Object.keys(row).forEach(key => key !== seen && names.add(key)));
  }
  ['step', 'split', 'time'].forEach(key => names.delete(key));
  return names;
}

const isNorm = row => row.split === 'norms';
const isCurve = row => row.split !== 'norms';

function showAll() {
  const smooth = Number(byId('smooth').value);
  const names = order(metrics(isCurve));
  fill(charts.curves, byId('charts'), names, isCurve, smooth);
  const parts = [...metrics(isNorm)];
  fill(charts.norms, byId('norm-charts'), parts, isNorm, 0);
  byId('norms-hint').textContent = parts.length === 0 ? 'They are measured with each validation.' : '';
  unfolding(byId('latest'), () => table(['Metric', ...shownRuns().map(run => run.name)], names.map(name =>
    [title(name), ...shownRuns().map(run => {
      const values = ['train', 'eval'].map(split => [split, latest(run, row => row[name], split)])
        .filter(([, found]) => found);
      return values.map(([split, found]) => `${short(found[name])} ${splitName(split)}`).join(', ') || '–';
    })])));
  showOutcome();
  showSettings();
}

// ---- what came out, and settings ------------------------------------------------------------------------------------

function choices() {
  const names = [...runs.keys()];
  ['sample-run', 'one', 'other'].forEach((id, index) => {
    const select = byId(id);
    const before = select.value;
    select.replaceChildren(...names.map(name => make('option', { value: name, textContent: name })));
    select.value = names.includes(before) ? before : names[id === 'other' ? Math.min(1, names.length - 1) : 0] ?? '';
  });
}

function showOutcome() {
  const run = runs.get(byId('sample-run').value);
  byId('outcome').replaceChildren(...outcome(run?.about?.report));
}

function showSettings() {
  const two = ['one', 'other'].map(id => runs.get(byId(id).value)).filter(run => run?.about);
  if (two.length < 2) {
    return;
  }
  const rows = compared(two[0].about, two[1].about);
  const different = rows.filter(differ);
  byId('settings-count').textContent = `${different.length} of ${rows.length} differ.`;
  byId('settings-table').replaceChildren(...(byId('differences').checked ? different : rows).length === 0 ? []
    : [settingsTable(two, byId('differences').checked ? different : rows)]);
}

function settingsTable(two, rows) {
  const made = table(['Setting', '', two[0].name, two[1].name],
    rows.map(row => [row.path, differ(row) ? '≠' : '', row.one ?? '–', row.other ?? '–']));
  made.classList.add('settings');
  // Where all differ, nothing stands out by color.
  const marks = !byId('differences').checked;
  [...made.querySelectorAll('tbody tr')].forEach((each, index) =>
    each.classList.toggle('differs', marks && differ(rows[index])));
  return made;
}

// ---- the beginning --------------------------------------------------------------------------------------------------

keepSettings(SETTINGS, ['over', 'smooth']);
showValues();
const choose = tabs(byId('tabs'), showAll);
choose(location.hash.slice(1));
['over', 'smooth', 'logarithmic'].forEach(id => byId(id).addEventListener('input', showAll));
byId('sample-run').addEventListener('change', showOutcome);
['one', 'other', 'differences'].forEach(id => byId(id).addEventListener('change', showSettings));
document.addEventListener('visibilitychange', lookForNews);
setInterval(lookForNews, LOOK_MS);
lookForNews();

// What came out of a run, and the settings of two beside each other.

import { make } from './common.js';
import { short } from './charts.js';
import { table } from './heat.js';

/** Leaves of a tree by their paths. */
function leaves(node, path = '', found = new Map()) {
  if (Array.isArray(node) && node.every(each => each === null || typeof each !== 'object')) {
    found.set(path, node.length === 0 ? 'none' : node.join(', '));
  } else if (node && typeof node === 'object') {
    Object.entries(node).forEach(([key, value]) => leaves(value, path ? `${path}.${key}` : key, found));
  } else {
    found.set(path, node === null || node === undefined ? 'none' : String(node));
  }
  return found;
}

/** Whether two settings of a row are not the same. */
export const differ = row => row.one !== row.other;

/** The settings of two runs, and where both have ended their facts: [{path, one, other}]. */
export function compared(one, other) {
  const facts = one.report && other.report;
  const [first, second] = [one, other].map(about =>
    leaves({ ...about.settings, ...facts ? { facts: about.report.facts } : {} }));
  return [...new Set([...first.keys(), ...second.keys()])]
    .map(path => ({ path, one: first.get(path), other: second.get(path) }));
}

/** What a report says of results and samples. */
export function outcome(report) {
  if (!report) {
    return [make('p', { className: 'hint', textContent: 'Results and samples are there when the run has ended.' })];
  }
  const results = table(['', ...report.measures.map(measure => measure.unit ? `${measure.name}, ${measure.unit}`
    : measure.name)], report.results.map(result => [result.name, ...result.values.map((value, index) =>
    Number.isFinite(Number(value)) ? Number(value).toFixed(report.measures[index].decimals) : '–')]));
  const scroll = content => make('div', { className: 'scroll', tabIndex: 0 }, content);
  return [
    make('p', { textContent: report.summary || report.description }),
    make('p', { className: 'hint', textContent: `${short(report.facts.steps)} steps in ${short(report.facts.seconds)} s, `
      + `${short(report.facts.labels)} ${report.facts.unit}, ${short(report.facts.parameters)} parameters, `
      + `${report.facts.machine.device}` }),
    ...report.results.length === 0 ? [] : [make('h3', { textContent: 'Results' }), scroll(results)],
    ...report.samples.length === 0 ? [] : [make('h3', { textContent: 'Samples' }),
      make('div', { className: 'samples' }, ...report.samples.map(sample))]
  ];
}

function sample({ input, expected, predicted }) {
  const part = (name, text) => text ? [make('dt', { textContent: name }), make('dd', { textContent: text })] : [];
  return make('dl', { className: 'facts sample' }, ...part('Given', input), ...part('Expected', expected),
    ...part('The model', predicted));
}

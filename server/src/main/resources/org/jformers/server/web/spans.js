// A text in spans that say who wrote them: [{text, origin}], origin 'typed' or 'generated', none empty.

/** The text as a whole. */
export const whole = spans => spans.map(span => span.text).join('');

function slice(spans, from, to) {
  const part = [];
  let at = 0;
  for (const span of spans) {
    const text = span.text.slice(Math.max(0, from - at), Math.max(0, to - at));
    if (text) {
      part.push({ text, origin: span.origin });
    }
    at += span.text.length;
  }
  return part;
}

function joined(spans) {
  const result = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last?.origin === span.origin) {
      last.text += span.text;
    } else {
      result.push({ ...span });
    }
  }
  return result;
}

/**
 * The spans after a change to another text: what is new in it has one origin. The caret, which is behind the change, says
 * which of equal letters are the new ones.
 */
export function changed(spans, text, origin, caret = text.length) {
  const before = whole(spans);
  const most = Math.min(before.length, text.length);
  let end = 0;
  const mostEnd = Math.min(most, text.length - caret);
  while (end < mostEnd && before[before.length - 1 - end] === text[text.length - 1 - end]) {
    end++;
  }
  let start = 0;
  while (start < most - end && before[start] === text[start]) {
    start++;
  }
  const fresh = text.slice(start, text.length - end);
  return joined([
    ...slice(spans, 0, start),
    ...(fresh ? [{ text: fresh, origin }] : []),
    ...slice(spans, before.length - end, before.length)
  ]);
}

/** As much of a suggestion as is whole words: all of it where the model ended it, none where not one is whole. */
export function wholeWords(text, ended) {
  if (ended) {
    return text.trimEnd();
  }
  const cut = text.replace(/[\p{L}\p{M}\p{N}_'’\-\ufffd]+$/u, '');
  return cut.trimEnd();
}

// Tabs, of which one is shown: arrows go from one to the next.

/** Makes tabs of a list; hears which one was chosen. Returns what chooses one. */
export function tabs(list, hear = () => {}) {
  const all = [...list.querySelectorAll('[role=tab]')];
  const choose = (tab, focus = false) => {
    for (const each of all) {
      const chosen = each === tab;
      each.setAttribute('aria-selected', String(chosen));
      each.tabIndex = chosen ? 0 : -1;
      document.getElementById(each.getAttribute('aria-controls')).hidden = !chosen;
    }
    if (focus) {
      tab.focus();
    }
    hear(tab.getAttribute('aria-controls'));
  };
  for (const tab of all) {
    tab.addEventListener('click', () => choose(tab));
  }
  list.addEventListener('keydown', event => {
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      choose(all[(to + all.length) % all.length], true);
    }
  });
  choose(all[0]);
  return name => choose(all.find(tab => tab.getAttribute('aria-controls') === name) ?? all[0]);
}

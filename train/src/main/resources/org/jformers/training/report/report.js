(() => {
  'use strict';
  const tip = document.body.appendChild(document.createElement('div'));
  tip.className = 'tip';
  tip.hidden = true;

  const show = (event, text) => {
    tip.textContent = text;
    tip.hidden = false;
    const left = event.clientX + 16 + tip.offsetWidth > innerWidth ? event.clientX - 12 - tip.offsetWidth : event.clientX + 16;
    tip.style.left = Math.max(4, left) + 'px';
    tip.style.top = Math.max(4, event.clientY - tip.offsetHeight - 8) + 'px';
  };

  const brief = value => {
    const size = Math.abs(value);
    return size > 0 && size < 1e-4 ? value.toExponential(2) : size >= 1e5 ? Math.round(value).toLocaleString('en')
        : String(Number(value.toPrecision(5)));
  };

  for (const chart of document.querySelectorAll('svg.chart')) {
    const area = chart.querySelector('rect.hover');
    if (!area) continue;
    const [x0, x1] = area.dataset.x.split(' ').map(Number);
    const [y0, y1] = area.dataset.y.split(' ').map(Number);
    const box = ['x', 'y', 'width', 'height'].map(name => area[name].baseVal.value);
    const lines = [...chart.querySelectorAll('g.line[data-points]')].map(group => ({
      group, name: group.dataset.name, points: group.dataset.points.split(',').map(p => p.split(' ').map(Number))}));
    const make = (name, attributes, parent) => {
      const element = document.createElementNS('http://www.w3.org/2000/svg', name);
      for (const key in attributes) element.setAttribute(key, attributes[key]);
      return parent.appendChild(element);
    };
    const cross = make('line', {class: 'crosshair', y1: box[1], y2: box[1] + box[3], visibility: 'hidden'}, chart);
    const dots = lines.map(line => make('circle', {r: 4, stroke: 'none', visibility: 'hidden'}, line.group));
    const place = ([x, y]) => [box[0] + box[2] * (x - x0) / (x1 - x0), box[1] + box[3]
        * (1 - (area.dataset.log === 'true' ? Math.log(y / y0) / Math.log(y1 / y0) : (y - y0) / (y1 - y0)))];
    chart.append(area);
    area.addEventListener('pointermove', event => {
      const bounds = area.getBoundingClientRect();
      const wanted = x0 + (x1 - x0) * (event.clientX - bounds.left) / bounds.width;
      const nearest = points => points.reduce((a, b) => Math.abs(b[0] - wanted) < Math.abs(a[0] - wanted) ? b : a);
      const found = lines.map(line => nearest(line.points));
      const step = nearest(found);
      const [x] = place(step);
      cross.setAttribute('x1', x);
      cross.setAttribute('x2', x);
      cross.setAttribute('visibility', 'visible');
      found.forEach((point, i) => {
        const [px, py] = place(point);
        dots[i].setAttribute('cx', px);
        dots[i].setAttribute('cy', py);
        dots[i].setAttribute('visibility', 'visible');
      });
      show(event, found.map((point, i) => area.dataset.name + ' ' + point[0].toLocaleString('en') + '   '
          + (lines[i].name ? lines[i].name + ' ' : '') + brief(point[1])).join('\n'));
    });
    area.addEventListener('pointerleave', () => {
      tip.hidden = true;
      for (const element of [cross, ...dots]) element.setAttribute('visibility', 'hidden');
    });
  }

  for (const plot of document.querySelectorAll('svg.attention')) {
    const rows = plot.dataset.rows.split(' ');
    const columns = plot.dataset.columns.split(' ');
    const heads = [...plot.querySelectorAll('g.head')].map(group => group.dataset);
    plot.addEventListener('pointermove', event => {
      const bounds = plot.getBoundingClientRect();
      const scale = plot.viewBox.baseVal.width / bounds.width;
      const x = (event.clientX - bounds.left) * scale;
      const y = (event.clientY - bounds.top) * scale;
      for (const head of heads) {
        const column = Math.floor((x - head.x) / head.cell);
        const row = Math.floor((y - head.y) / head.cell);
        if (row >= 0 && column >= 0 && row < rows.length && column < columns.length) {
          const at = 2 * (row * columns.length + column);
          const weight = parseInt(head.weights.slice(at, at + 2), 16) / 255;
          show(event, rows[row] + ' → ' + columns[column] + '   ' + weight.toFixed(2));
          return;
        }
      }
      tip.hidden = true;
    });
    plot.addEventListener('pointerleave', () => { tip.hidden = true; });
  }

  const picker = document.querySelector('.picker');
  if (picker) {
    const select = picker.querySelector('select');
    const buttons = [...picker.querySelectorAll('button')];
    let layer = buttons.length - 1;
    const update = () => {
      for (const map of document.querySelectorAll('figure.maps')) {
        map.hidden = map.dataset.sample !== select.value || Number(map.dataset.layer) !== layer;
      }
      buttons.forEach((button, i) => button.setAttribute('aria-pressed', i === layer));
    };
    select.addEventListener('change', update);
    buttons.forEach((button, i) => button.addEventListener('click', () => { layer = i; update(); }));
    picker.hidden = false;
    update();
  }

  if (navigator.clipboard) {
    for (const button of document.querySelectorAll('.copy')) {
      button.hidden = false;
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(button.parentNode.querySelector('code').textContent);
        button.textContent = 'copied';
        setTimeout(() => { button.textContent = 'copy'; }, 1500);
      });
    }
  }

  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(d => { d.open = true; }));
})();

// Where the changes fall.

const SVG = 'http://www.w3.org/2000/svg';
const BAND = 28, LEVELS = 6, NARROWEST = 3;
function svgEl(tag, attributes, className) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  if (className) element.setAttribute('class', className);
  return element;
}

function heatOf(n, of) {
  const share = n / of;
  return n === 0 ? 0 : share < .05 ? 1 : share < .2 ? 2 : share < .5 ? 3 : 4;
}

// Accounts as bands, each below the one that holds it and as wide as its share
// of all associations. What is too narrow to be seen is drawn together.
function drawMap() {
  const tops = [];
  for (let i = 0; i < N; i = end[i]) if (kind[i] === 'a') tops.push(i);
  const from = filter.within >= 0 ? [filter.within] : tops;
  $('map').hidden = tops.every(i => changes[i] === 0);
  if ($('map').hidden) return;
  const width = Math.max($('picture').clientWidth - 2, 300);
  const picture = svgEl('svg', {role: 'img', 'aria-labelledby': 'map-about'});
  let total = 0, depth = 0;
  for (const i of from) total += size[i];
  const todo = [];
  const line = (list, x, level, scale) => {
    const rest = {n: 0, size: 0, changes: 0, deletes: 0};
    for (const i of list) {
      const w = size[i] * scale;
      if (w < NARROWEST) {
        ++rest.n;
        rest.size += size[i];
        rest.changes += changes[i];
        rest.deletes += deletes[i];
        continue;
      }
      band(picture, x, level, w, nameOf(i), i,
        {size: size[i], changes: changes[i], deletes: deletes[i]});
      depth = Math.max(depth, level + 1);
      if (level + 1 < LEVELS) todo.push([i, x, level + 1]);
      x += w;
    }
    if (rest.size * scale >= 1) {
      band(picture, x, level, rest.size * scale,
        count(rest.n, 'account', 'accounts'), -1, rest);
      depth = Math.max(depth, level + 1);
    }
  };
  const scale = width / total;
  line(from, 0, 0, scale);
  while (todo.length > 0) {
    const [i, x, level] = todo.pop();
    line(childAccounts(i), x, level, scale);
  }
  picture.setAttribute('viewBox', '0 0 ' + width + ' ' + depth * BAND);
  $('picture').replaceChildren(picture);
  sayMap(from, total);
}

function childAccounts(i) {
  const out = [];
  for (let child = i + 1; child < end[i]; child = end[child]) {
    if (kind[child] === 'a') out.push(child);
  }
  return out;
}

// What one band stands for: the account `i`, or (-1) several narrow ones.
function band(picture, x, level, w, name, i, of) {
  const rect = svgEl('rect', {x, y: level * BAND, width: w, height: BAND},
    'heat' + heatOf(of.changes, of.size) + (i < 0 ? ' rest' : ''));
  const title = svgEl('title', {});
  title.textContent = name + ': ' +
    count(of.size, 'association', 'associations') + ', ' +
    count(of.changes, 'change', 'changes') + ', ' +
    count(of.deletes, 'delete', 'deletes');
  rect.append(title);
  if (i >= 0) {
    rect.addEventListener('click', () => setWithin(i));
    rect.dataset.account = i;
  }
  picture.append(rect);
  const letters = Math.floor((w - 10) / 7.2);
  if (letters >= 3) {
    const text = svgEl('text', {x: x + 5, y: level * BAND + 18});
    text.textContent = name.length > letters ?
      name.slice(0, letters - 1) + '…' : name;
    picture.append(text);
  }
  if (of.deletes > 0) {
    picture.append(svgEl('rect', {x, y: (level + 1) * BAND - 5,
      width: Math.max(w * of.deletes / of.size, 2), height: 4}, 'gone'));
  }
}

function sayMap(from, total) {
  let n = 0, gone = 0;
  for (const i of from) {
    n += changes[i];
    gone += deletes[i];
  }
  $('map-about').textContent = 'Accounts, each as wide as its share of ' +
    count(total, 'association', 'associations') + ', of which ' +
    number.format(n) + (n === 1 ? ' changes' : ' change') + ' and ' +
    number.format(gone) + (gone === 1 ? ' is deleted' : ' are deleted') +
    '. QOS, the cluster and user records are not in the picture. ';
  $('map-about').append(
    el('span', 'screen', 'A click on one shows only what is below it.'));
  const most = [];
  for (const top of from) {
    for (let i = top; i < end[top]; ++i) if (own[i] > 0) most.push(i);
  }
  most.sort((a, b) => own[b] - own[a] || a - b);
  const items = el('ul', '');
  for (const i of most.slice(0, 6)) {
    items.append(el('li', '', button(nameOf(i), () => setWithin(i), 'plain'),
      ' ' + number.format(own[i])));
  }
  $('most').replaceChildren(
    ...(most.length > 0 ? ['Most changes directly in', items] : []));
}

function drawLegend() {
  const words = ['nothing changes', 'less than 5% of it', 'less than 20%',
    'less than half', 'half or more', 'share that is deleted'];
  words.forEach((text, level) => {
    const swatch = svgEl('svg', {viewBox: '0 0 10 10', 'aria-hidden': 'true'});
    swatch.append(level < 5 ?
      svgEl('rect', {width: 10, height: 10}, 'rest heat' + level) :
      svgEl('rect', {y: 3, width: 10, height: 4}, 'gone'));
    $('legend').append(el('li', '', swatch, text));
  });
}

let mapWidth = 0;
new ResizeObserver(() => {
  if ($('picture').clientWidth === mapWidth) return;
  mapWidth = $('picture').clientWidth;
  drawMap();
}).observe($('picture'));

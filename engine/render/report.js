
// The report in the browser. What the data hold is text that strangers typed:
// it reaches the page through textContent only. Rows lie in columns (arrays by
// row number) in the order in which they are shown, each before those below it;
// only the rows that can be seen are elements.
'use strict';
(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const {strings, keys, fields, rows, findings, steps} = data;
const N = rows.kind.length;
const kind = rows.kind;

const NONE = 0, ADD = 1, CHANGE = 2, MOVE = 3, DELETE = 4;
const MARKS = ' +~>-';
const SIGNS = ['', '+', '~', '→', '−'];
const MARK_WORDS = ['unchanged', 'added', 'changed', 'moved', 'deleted'];
const MARK_CLASSES = ['', 'add', 'change', 'move', 'delete'];
const SAME = 0, CHANGED = 1, COMES = 2;  // Of one option; the last: goes.
const KIND_WORDS = {c: 'cluster', Q: 'QOS', q: 'QOS', a: 'account', u: 'user',
  R: 'user records', r: 'user record'};
// What the filter "of" calls each kind; groups are never counted themselves.
const KIND_FILTERS = [['a', 'accounts'], ['u', 'users in accounts'],
  ['r', 'user records'], ['q', 'QOS'], ['c', 'cluster']];

const $ = id => document.getElementById(id);
const number = new Intl.NumberFormat('en-US');
const count = (n, one, many) => number.format(n) + ' ' + (n === 1 ? one : many);

function el(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
function button(text, act, className) {
  const element = el('button', className, text);
  element.type = 'button';
  element.addEventListener('click', act);
  return element;
}

// ---- The rows, derived ----

const mark = Uint8Array.from(rows.mark, letter => MARKS.indexOf(letter));
const parent = new Int32Array(N);
const end = new Int32Array(N);  // One past the last row below.
const firstField = new Int32Array(N + 1);
const partition = new Map(), moved = new Map();
const withRecord = new Set(rows.record);
// Of an account and all below it: associations, those that change, that go.
const size = new Int32Array(N), changes = new Int32Array(N),
  deletes = new Int32Array(N);
const own = new Int32Array(N);  // Changes of the account itself and its users.
const inTree = i => kind[i] === 'a' || kind[i] === 'u';

function derive() {
  const above = [-1];
  for (let i = 0; i < N; ++i) {
    const depth = rows.depth[i];
    parent[i] = depth === 0 ? -1 : above[depth - 1];
    above[depth] = i;
    firstField[i + 1] = firstField[i] + rows.count[i];
  }
  for (let i = N - 1; i >= 0; --i) {
    if (end[i] === 0) end[i] = i + 1;
    if (inTree(i)) {
      size[i] += 1;
      changes[i] += mark[i] !== NONE;
      deletes[i] += mark[i] === DELETE;
      own[kind[i] === 'a' ? i : parent[i]] += mark[i] !== NONE;
    }
    const up = parent[i];
    if (up < 0) continue;
    end[up] = Math.max(end[up], end[i]);
    size[up] += size[i];
    changes[up] += changes[i];
    deletes[up] += deletes[i];
  }
  const pairs = (list, map) => {
    for (let i = 0; i < list.length; i += 2) map.set(list[i], list[i + 1]);
  };
  pairs(rows.partition, partition);
  pairs(rows.moved, moved);
}
derive();
const short = new Map();
for (let i = 0; i < data.short.length; i += 2) {
  short.set(data.short[i], data.short[i + 1]);
}

const nameOf = i => kind[i] === 'Q' ? 'QOS definitions' :
  kind[i] === 'R' ? 'User records' : strings[rows.name[i]];
const titleOf = i => partition.has(i) ?
  nameOf(i) + ' (partition ' + strings[partition.get(i)] + ')' : nameOf(i);

// One option of a row: {id, key, state, from, to, changed}.
function fieldsOf(i) {
  const list = [];
  for (let at = firstField[i]; at < firstField[i + 1]; ++at) {
    const id = rows.fields[at];
    const state = fields[3 * id] & 3;
    list.push({id, key: keys[fields[3 * id] >> 2], state,
      from: strings[fields[3 * id + 1]], to: strings[fields[3 * id + 2]]});
  }
  return list;
}

// ---- What is shown ----

const filter = {query: '', marks: [false, true, true, true, true],
  kinds: {a: true, u: true, r: true, q: true, c: true}, within: -1};
const matched = new Uint8Array(N);  // Fits the filters.
const kept = new Uint8Array(N);     // Does, or holds a row that does.
const open = new Uint8Array(N);
let visible = [];                   // Row numbers, from the top down.
const placeOf = new Int32Array(N);  // Place in `visible`.
const position = new Int32Array(N), siblings = new Int32Array(N + 1);

const lower = strings.map(text => text.toLowerCase());
const fieldLower = [];
for (let id = 0; 3 * id < fields.length; ++id) {
  const key = keys[fields[3 * id] >> 2].toLowerCase() + ' ';
  fieldLower.push(key + lower[fields[3 * id + 1]] +
    ((fields[3 * id] & 3) === CHANGED ? '\n' + key + lower[fields[3 * id + 2]] :
      ''));
}

// Which of the texts hold the word.
function holding(texts, word) {
  const out = new Uint8Array(texts.length);
  for (let i = 0; i < texts.length; ++i) out[i] = texts[i].includes(word);
  return out;
}

// A test of rows: name, partition or an option ("key value") holds the text;
// "account/user" looks for the user in the account.
function queryTest(word) {
  if (word === '') return () => true;
  const names = holding(lower, word);
  const values = holding(fieldLower, word);
  const slash = word.lastIndexOf('/');
  const account = slash > 0 ? holding(lower, word.slice(0, slash)) : null;
  const user = slash > 0 ? holding(lower, word.slice(slash + 1)) : null;
  return i => {
    if (names[rows.name[i]]) return true;
    for (let at = firstField[i]; at < firstField[i + 1]; ++at) {
      if (values[rows.fields[at]]) return true;
    }
    if (partition.size > 0 && partition.has(i) && names[partition.get(i)]) {
      return true;
    }
    return account !== null && parent[i] >= 0 && user[rows.name[i]] === 1 &&
      account[rows.name[parent[i]]] === 1;
  };
}

function match() {
  matched.fill(0);
  kept.fill(0);
  const fits = queryTest(filter.query);
  const from = filter.within < 0 ? 0 : filter.within;
  const to = filter.within < 0 ? N : end[filter.within];
  for (let i = from; i < to; ++i) {
    if (filter.marks[mark[i]] && filter.kinds[kind[i]] && fits(i)) {
      matched[i] = 1;
    }
  }
  for (let i = N - 1; i >= 0; --i) {
    if (matched[i]) kept[i] = 1;
    if (kept[i] && parent[i] >= 0) kept[parent[i]] = 1;
  }
}

const narrowed = () => filter.query !== '' || !filter.marks[NONE];

// Where the filters leave a part of the tree, all of it lies open; where they
// leave the whole, what changes does.
function openAsFits() {
  const held = narrowed() ? matched : mark;
  open.fill(0);
  for (let i = N - 1; i >= 0; --i) {
    if ((held[i] || open[i]) && parent[i] >= 0) open[parent[i]] = 1;
  }
  for (let i = filter.within; i >= 0; i = parent[i]) open[i] = 1;
  if (N > 0 && !narrowed()) openTops();
}
function openTops() {
  for (let i = 0; i < N; i = end[i]) if (kind[i] === 'a') open[i] = 1;
}

const opens = i => end[i] > i + 1 && hasKeptChild(i);
function hasKeptChild(i) {
  for (let child = i + 1; child < end[i]; child = end[child]) {
    if (kept[child]) return true;
  }
  return false;
}

function layOut() {
  visible = [];
  siblings.fill(0);
  for (let i = 0; i < N;) {
    if (!kept[i]) {
      i = end[i];
      continue;
    }
    placeOf[i] = visible.length;
    visible.push(i);
    position[i] = ++siblings[parent[i] + 1];
    i = open[i] ? i + 1 : end[i];
  }
}

function refilter() {
  match();
  openAsFits();
  relay();
  sayShown();
}

// ---- The list: only what can be seen is there ----

const tree = $('tree'), list = $('rows');
const probe = el('div', 'line');
list.append(probe);
let tops = new Float64Array(1);     // Where each visible row begins; the end.
const elements = new Map();         // Row number -> its element.
let current = -1;                   // The row that has the focus of the tree.
let chosen = false;                 // Somebody chose it.
let lineHeight = 0, padding = 0;

// A changed option has a line of its own.
function linesOf(i) {
  if (mark[i] !== CHANGE && mark[i] !== MOVE) return 1;
  let lines = moved.has(i) ? 1 : 0;
  for (let at = firstField[i]; at < firstField[i + 1]; ++at) {
    lines += (fields[3 * rows.fields[at]] & 3) === CHANGED;
  }
  return Math.max(lines, 1);
}

function relay() {
  layOut();
  tops = new Float64Array(visible.length + 1);
  for (let place = 0; place < visible.length; ++place) {
    tops[place + 1] = tops[place] + linesOf(visible[place]) * lineHeight +
      padding;
  }
  list.style.height = tops[visible.length] + 'px';
  for (const element of elements.values()) element.remove();
  elements.clear();
  if (current < 0 || !isVisible(current)) {
    while (current >= 0 && !isVisible(current)) current = parent[current];
    if (current < 0 && visible.length > 0) current = visible[0];
  }
  sayEmpty();
  draw();
}

const isVisible = i => visible[placeOf[i]] === i;

function placeAt(y) {
  let low = 0, high = visible.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle + 1] <= y) low = middle + 1; else high = middle;
  }
  return low;
}

function draw() {
  const first = Math.max(placeAt(tree.scrollTop) - 8, 0);
  const last = Math.min(
    placeAt(tree.scrollTop + tree.clientHeight) + 9, visible.length);
  const wanted = new Set();
  for (let place = first; place < last; ++place) wanted.add(visible[place]);
  // The focus stays where it is when its row is scrolled away.
  if (current >= 0 && isVisible(current)) wanted.add(current);
  for (const [i, element] of elements) {
    if (wanted.has(i)) continue;
    element.remove();
    elements.delete(i);
  }
  // Elements stand in the order of the rows, for who cannot see where.
  let next = list.firstElementChild;
  for (const i of [...wanted].sort((a, b) => a - b)) {
    const element = elements.get(i) || makeRow(i);
    if (element === next) {
      next = next.nextElementSibling;
    } else {
      list.insertBefore(element, next);
    }
    elements.set(i, element);
  }
}

function makeRow(i) {
  const row = el('div', 'row' + (mark[i] === DELETE ? ' deletes' : ''));
  row.setAttribute('role', 'treeitem');
  row.setAttribute('aria-level', rows.depth[i] + 1);
  row.setAttribute('aria-posinset', position[i]);
  row.setAttribute('aria-setsize', siblings[parent[i] + 1]);
  row.setAttribute('aria-selected', chosen && i === current);
  if (opens(i)) row.setAttribute('aria-expanded', open[i] === 1);
  row.tabIndex = i === current ? 0 : -1;
  row.dataset.row = i;
  row.style.top = tops[placeOf[i]] + 'px';
  row.append(signOf(i), titleCell(i), factsCell(i), sizeCell(i));
  return row;
}

function signOf(i) {
  const sign = el('span', 'sign ' + MARK_CLASSES[mark[i]]);
  if (mark[i] === NONE) return sign;
  const seen = el('span', '', SIGNS[mark[i]]);
  seen.setAttribute('aria-hidden', 'true');
  sign.append(seen, el('span', 'vh', MARK_WORDS[mark[i]] + ' '));
  return sign;
}

function titleCell(i) {
  const cell = el('span', 'title');
  // Deeper rows are not indented further: there would be no room for names.
  cell.style.paddingLeft = Math.min(rows.depth[i], 14) * 1.1 + 'rem';
  const twisty = el('span', 'twisty', opens(i) ? (open[i] ? '▾' : '▸') : '');
  twisty.setAttribute('aria-hidden', 'true');
  const name = el('span', 'aQR'.includes(kind[i]) ? 'account' : '', titleOf(i));
  name.title = titleOf(i);
  cell.append(twisty);
  if (kind[i] === 'c' || kind[i] === 'q') {
    cell.append(el('span', 'note', KIND_WORDS[kind[i]] + ' '));
  } else if (kind[i] !== 'Q' && kind[i] !== 'R') {
    cell.append(el('span', 'vh', KIND_WORDS[kind[i]] + ' '));
  }
  cell.append(name);
  return cell;
}

function factsCell(i) {
  const cell = el('span', 'facts-of');
  const lines = mark[i] === CHANGE || mark[i] === MOVE ?
    changedLines(i) : [quietLine(i)];
  for (const line of lines) {
    line.classList.add('line');
    cell.append(line);
  }
  return cell;
}

function changedLines(i) {
  const lines = [];
  if (moved.has(i)) {
    lines.push(el('span', '', el('span', 'key', 'moved from'),
      ' ' + strings[moved.get(i)]));
  }
  for (const field of fieldsOf(i)) {
    if (field.state !== CHANGED) continue;
    const line = el('span', '', el('span', 'key', field.key));
    line.append(' ', ...changeOf(field));
    line.title = field.key + ': ' + field.from + ' → ' + field.to;
    lines.push(line);
  }
  return lines.length > 0 ? lines : [el('span', '')];
}

function changeOf(field) {
  if (short.has(field.id)) return [el('span', 'value', short.get(field.id))];
  const arrow = el('span', 'note', ' → ');
  arrow.setAttribute('aria-hidden', 'true');
  return [el('span', 'value old', field.from), arrow, el('span', 'vh', ' to '),
    el('span', 'value new', field.to)];
}

// All that is set, on one line: of what comes, of what goes, of what stays.
function quietWords(i) {
  const words = [];
  if (withRecord.has(i)) {
    words.push(mark[i] === ADD ? 'new user' : 'user leaves');
  }
  for (const field of fieldsOf(i)) words.push(field.key + ' ' + field.from);
  return words;
}
function quietLine(i) {
  const words = quietWords(i);
  const line = el('span', mark[i] === ADD ? '' : 'quiet', words.join(' · '));
  line.title = words.join('\n');
  return line;
}

function sizeCell(i) {
  const cell = el('span', 'size');
  if (end[i] === i + 1) return cell;
  const below = size[i] > 0 ? size[i] - 1 : end[i] - i - 1;
  if (kind[i] !== 'a') {
    cell.append(number.format(below));
  } else if (changes[i] - (mark[i] !== NONE) > 0) {
    cell.append(number.format(changes[i] - (mark[i] !== NONE)) + ' of ' +
      number.format(below));
  } else {
    cell.append(number.format(below));
  }
  cell.title = 'changes below, of all rows below';
  return cell;
}

tree.addEventListener('scroll', draw, {passive: true});
new ResizeObserver(draw).observe(tree);

// ---- Choosing a row ----

function choose(i, focus) {
  const before = elements.get(current);
  if (before) {
    before.tabIndex = -1;
    before.setAttribute('aria-selected', 'false');
  }
  current = i;
  chosen = true;
  const top = tops[placeOf[i]], bottom = tops[placeOf[i] + 1];
  if (top < tree.scrollTop) tree.scrollTop = top;
  if (bottom > tree.scrollTop + tree.clientHeight) {
    tree.scrollTop = bottom - tree.clientHeight;
  }
  draw();
  const element = elements.get(i);
  element.tabIndex = 0;
  element.setAttribute('aria-selected', 'true');
  if (focus) element.focus({preventScroll: true});
  describe(i);
}

function setOpen(i, value) {
  if (!opens(i)) return;
  open[i] = value ? 1 : 0;
  const hadFocus = tree.contains(document.activeElement);
  relay();
  if (hadFocus) choose(current, true);
  sayShown();
}

// Opens what hides the row, lifts filters that do, and goes there.
function goTo(i) {
  if (!kept[i]) everything();
  for (let up = parent[i]; up >= 0; up = parent[up]) open[up] = 1;
  relay();
  choose(i, true);
}

list.addEventListener('click', event => {
  const element = event.target.closest('.row');
  if (!element) return;
  const i = Number(element.dataset.row);
  choose(i, true);
  if (event.target.classList.contains('twisty')) setOpen(i, !open[i]);
});
list.addEventListener('dblclick', event => {
  const element = event.target.closest('.row');
  if (element && !event.target.classList.contains('twisty')) {
    const i = Number(element.dataset.row);
    setOpen(i, !open[i]);
  }
});

const KEYS = {
  ArrowDown: place => choose(visible[Math.min(place + 1, visible.length - 1)],
    true),
  ArrowUp: place => choose(visible[Math.max(place - 1, 0)], true),
  Home: () => choose(visible[0], true),
  End: () => choose(visible[visible.length - 1], true),
  PageDown: place => choose(visible[Math.min(
    placeAt(tops[place] + tree.clientHeight), visible.length - 1)], true),
  PageUp: place => choose(visible[placeAt(
    Math.max(tops[place] - tree.clientHeight, 0))], true),
  ArrowRight: place => {
    if (!opens(current)) return;
    if (open[current]) choose(visible[place + 1], true);
    else setOpen(current, true);
  },
  ArrowLeft: () => {
    if (open[current] && opens(current)) setOpen(current, false);
    else if (parent[current] >= 0) choose(parent[current], true);
  },
  Enter: () => setOpen(current, !open[current]),
  ' ': () => setOpen(current, !open[current]),
};
tree.addEventListener('keydown', event => {
  if (event.ctrlKey || event.altKey || event.metaKey || current < 0) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(placeOf[current]);
});
document.addEventListener('keydown', event => {
  if (event.key !== '/' || event.target.closest('input')) return;
  event.preventDefault();
  $('query').focus();
  $('query').select();
});

// ---- The chosen row in full ----

function describe(i) {
  const pane = $('details');
  pane.replaceChildren(el('h3', '', titleOf(i)), pathOf(i), summaryOf(i));
  const table = fieldTable(i);
  if (table) pane.append(table);
  if (kind[i] === 'a' && end[i] > i + 1) {
    pane.append(button('Only below this account', () => setWithin(i)));
  }
}

function pathOf(i) {
  const path = el('p', 'path note');
  const ups = [];
  for (let up = parent[i]; up >= 0; up = parent[up]) ups.push(up);
  // The middle of a long way says nothing that the account above does not.
  const shown = ups.length > 8 ? [...ups.slice(0, 4), -1, ...ups.slice(-3)] :
    ups;
  path.append(KIND_WORDS[kind[i]]);
  shown.reverse().forEach((up, at) => {
    path.append(at === 0 ? ' in ' : ' / ');
    path.append(up < 0 ? '…' : button(nameOf(up), () => goTo(up), 'plain'));
  });
  return path;
}

function summaryOf(i) {
  const words = [MARK_WORDS[mark[i]]];
  if (moved.has(i)) words[0] += ' here from ' + strings[moved.get(i)];
  if (withRecord.has(i)) {
    words.push(mark[i] === ADD ? 'new user' : 'user leaves');
  }
  if (kind[i] === 'a' && end[i] > i + 1) {
    words.push(count(size[i] - 1, 'row below', 'rows below') + ', ' +
      number.format(changes[i] - (mark[i] !== NONE)) + ' of them change, ' +
      number.format(deletes[i] - (mark[i] === DELETE)) + ' are deleted');
  }
  const sign = signOf(i);
  sign.lastElementChild?.remove();  // The word that is said here anyhow.
  return el('p', '', sign, ' ' + words.join(' · '));
}

function fieldTable(i) {
  const list = fieldsOf(i);
  if (list.length === 0) return null;
  const table = el('table', '', el('thead', '', el('tr', '',
    ...['Option', 'Live', 'After'].map(text => {
      const head = el('th', '', text);
      head.scope = 'col';
      return head;
    }))));
  const body = el('tbody', '');
  for (const field of list) {
    const before = field.state === COMES ? '' : field.from;
    const after = field.state === CHANGED ? field.to :
      field.state === SAME || field.state === COMES ? field.from : '';
    body.append(el('tr', field.state === SAME ? 'same' : '',
      el('td', '', field.key),
      el('td', 'value' + (field.state === SAME ? '' : ' old'), before),
      el('td', 'value' + (field.state === SAME ? '' : ' new'), after)));
  }
  table.append(body);
  return table;
}

// ---- Filters ----

function checkbox(label, checked, change) {
  const box = el('input', '');
  box.type = 'checkbox';
  box.checked = checked;
  box.addEventListener('change', () => change(box.checked));
  return [box, el('label', '', box, label)];
}

const markBoxes = [], kindBoxes = {};
for (const m of [ADD, CHANGE, MOVE, DELETE, NONE]) {
  const [box, label] = checkbox(
    (SIGNS[m] ? SIGNS[m] + ' ' : '') + MARK_WORDS[m], filter.marks[m],
    value => { filter.marks[m] = value; refilter(); });
  box.name = 'mark-' + MARK_WORDS[m];
  markBoxes[m] = box;
  $('marks').append(label);
}
for (const [letter, words] of KIND_FILTERS) {
  const [box, label] = checkbox(words, true,
    value => { filter.kinds[letter] = value; refilter(); });
  box.name = 'kind-' + letter;
  kindBoxes[letter] = box;
  $('kinds').append(label);
}

function setMarks(wanted) {
  markBoxes.forEach((box, m) => {
    filter.marks[m] = box.checked = wanted.includes(m);
  });
  for (const [letter] of KIND_FILTERS) {
    filter.kinds[letter] = kindBoxes[letter].checked = true;
  }
}
function everything() {
  setMarks([NONE, ADD, CHANGE, MOVE, DELETE]);
  filter.query = $('query').value = '';
  filter.within = -1;
  $('within').value = '';
  refilter();
  drawMap();
}
$('only-changes').addEventListener('click', () => {
  setMarks([ADD, CHANGE, MOVE, DELETE]);
  refilter();
});
$('only-deletes').addEventListener('click', () => {
  setMarks([DELETE]);
  refilter();
});
$('everything').addEventListener('click', everything);
$('expand').addEventListener('click', () => {
  open.fill(1);
  relay();
  sayShown();
});
$('collapse').addEventListener('click', () => {
  open.fill(0);
  openTops();
  relay();
  sayShown();
});
$('query').addEventListener('input', () => {
  filter.query = $('query').value.trim().toLowerCase();
  tree.scrollTop = 0;
  refilter();
});
$('query').addEventListener('keydown', event => {
  if (event.key === 'ArrowDown' && current >= 0) {
    event.preventDefault();
    choose(visible[0], true);
  }
});

const accountNamed = new Map();
for (let i = 0; i < N; ++i) {
  if (kind[i] === 'a') accountNamed.set(nameOf(i), i);
}
function setWithin(i) {
  filter.within = i;
  $('within').value = i < 0 ? '' : nameOf(i);
  tree.scrollTop = 0;
  refilter();
  drawMap();
}
$('within').addEventListener('change', () => {
  const name = $('within').value.trim();
  const i = name === '' ? -1 : accountNamed.get(name);
  if (i === undefined) {
    $('shown').textContent = 'There is no account ' + name + '.';
    return;
  }
  setWithin(i);
});
$('whole').addEventListener('click', () => setWithin(-1));

// ---- Counts ----

function sayShown() {
  const by = [0, 0, 0, 0, 0];
  for (let i = 0; i < N; ++i) by[mark[i]] += matched[i];
  const total = by.reduce((a, b) => a + b);
  const parts = [ADD, CHANGE, MOVE, DELETE, NONE]
    .filter(m => by[m] > 0)
    .map(m => number.format(by[m]) + ' ' + MARK_WORDS[m]);
  const where = filter.within < 0 ? '' :
    ' below ' + nameOf(filter.within);
  $('shown').textContent = count(total, 'row', 'rows') + where +
    (parts.length > 0 ? ': ' + parts.join(', ') : '') + '.';
  $('whole').hidden = filter.within < 0;
}

function sayEmpty() {
  list.querySelector('.empty')?.remove();
  if (visible.length > 0) return;
  const all = filter.query === '' && filter.within < 0 && filter.marks[ADD] &&
    filter.marks[CHANGE] && filter.marks[MOVE] && filter.marks[DELETE];
  list.style.height = 'auto';
  list.append(el('div', 'empty', el('p', '', all ? 'Nothing changes.' :
    'No row fits.'), button('Show everything', everything)));
}

// ---- Where the changes fall ----

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

// ---- Findings ----

const ROWS_SHOWN = 8, ROWS_BATCH = 500;
const SECTIONS = {AS124: 'conflicts', AS125: 'drift', AS126: 'both'};

function findingOf(finding) {
  const refuses = finding.severity === 'refuse' ||
    finding.severity === 'cannot_restore';
  const word = finding.lifted ? 'lifted' : refuses ? 'refused' :
    finding.severity;
  const box = el('div', 'finding ' + word, el('h3', '',
    el('span', 'severity', word), ' ', el('code', '', finding.code), ' ',
    finding.message));
  if (finding.rows.length > 0) box.append(...rowsOf(finding.rows));
  if (refuses && !finding.lifted) {
    box.append(el('p', 'lift', ...(finding.lifted_by === '' ?
      ['Nothing lifts this.'] :
      ['If that is meant: ', el('code', '', finding.lifted_by)])));
  }
  if (finding.help !== '') {
    box.append(el('details', '', el('summary', '', 'What it means'),
      el('p', '', finding.help)));
  }
  return box;
}

function rowsOf(texts) {
  const items = el('ul', '');
  const more = button('', () => add(ROWS_BATCH));
  let shown = 0;
  const add = n => {
    const until = Math.min(shown + n, texts.length);
    for (; shown < until; ++shown) {
      items.append(el('li', '', el('code', '', texts[shown])));
    }
    const left = texts.length - shown;
    more.hidden = left === 0;
    more.textContent = 'Show ' + number.format(Math.min(left, ROWS_BATCH)) +
      (left > ROWS_BATCH ? ' of ' + number.format(left) : '') + ' more';
  };
  // A list that is one row too long is not worth the button.
  add(texts.length <= ROWS_SHOWN + 1 ? ROWS_SHOWN + 1 : ROWS_SHOWN);
  return [items, more];
}

function showFindings() {
  for (const finding of findings) {
    const section = $(SECTIONS[finding.code] || 'findings');
    section.hidden = false;
    section.append(findingOf(finding));
  }
}

// ---- Commands ----

const STEPS_BATCH = 300;
let stepsShown = 0;

function stepOf(n) {
  const sign = el('span', 'sign delete', steps.deletes[n] ? SIGNS[DELETE] : '');
  if (steps.deletes[n]) {
    sign.setAttribute('role', 'img');
    sign.setAttribute('aria-label', 'deletes');
  }
  return el('li', 'step', el('span', 'number', String(n + 1)), sign,
    el('div', '', el('div', 'command', steps.text[n]),
      el('div', 'why', steps.why[n])));
}

// Appends steps, a heading and a list for each phase.
function appendSteps(box, from, to) {
  let items = box.querySelector('.steps:last-of-type');
  for (let n = from; n < to; ++n) {
    if (n === 0 || steps.phase[n] !== steps.phase[n - 1] || !items) {
      items = el('ol', 'steps');
      box.append(el('h3', 'phase', steps.phases[steps.phase[n]]), items);
    }
    items.append(stepOf(n));
  }
}

function moreSteps() {
  const box = $('command-list');
  box.querySelector('.more')?.remove();
  const to = Math.min(stepsShown + STEPS_BATCH, steps.text.length);
  appendSteps(box, stepsShown, to);
  stepsShown = to;
  const left = steps.text.length - to;
  if (left === 0) return;
  box.append(button('Show ' + number.format(Math.min(left, STEPS_BATCH)) +
    ' of ' + number.format(left) + ' more', moreSteps, 'more'));
}

function toggleCommands() {
  const box = $('command-list');
  box.hidden = !box.hidden;
  $('show-commands').setAttribute('aria-expanded', !box.hidden);
  $('show-commands').textContent = box.hidden ? 'Show them' : 'Hide them';
  if (stepsShown === 0) moreSteps();
}

function refusedCodes() {
  const codes = findings.filter(f => !f.lifted &&
    (f.severity === 'refuse' || f.severity === 'cannot_restore'))
    .map(f => f.code);
  return [...new Set(codes)].join(', ');
}

async function copyCommands() {
  const codes = refusedCodes();
  const text = (codes ? '# Refused: ' + codes + '\n' : '') +
    steps.text.join('\n') + '\n';
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    done = copyOldWay(text);
  }
  $('copied').textContent = done ?
    'Copied ' + count(steps.text.length, 'command', 'commands') + '.' :
    'The browser does not let the page copy; select them by hand.';
}
// Where a page has no clipboard: opened from a server without TLS.
function copyOldWay(text) {
  const area = el('textarea', 'vh');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

function showCommands() {
  const n = steps.text.length;
  if (n === 0) return;
  $('commands').hidden = false;
  const gone = steps.deletes.reduce((a, b) => a + b, 0);
  const codes = refusedCodes();
  $('commands-about').textContent = count(n, 'command', 'commands') +
    ' in the order in which apply runs them' +
    (gone > 0 ? '; ' + number.format(gone) +
      (gone === 1 ? ' deletes (−).' : ' delete (−).') : '.') +
    (codes ? ' apply would refuse to run them: ' + codes + '.' : '');
  $('show-commands').addEventListener('click', toggleCommands);
  $('copy').addEventListener('click', copyCommands);
}

// ---- On paper: all changes, what holds them, and the rows that lie open ----

// As few elements as can be: a browser that writes a PDF takes its time for
// each of them.
function printed(i) {
  const line = el('p', 'printed', (SIGNS[mark[i]] || '\u2002') + '\u2002',
    'aQR'.includes(kind[i]) ? el('b', '', titleOf(i)) : titleOf(i));
  line.style.paddingLeft = 1.5 + Math.min(rows.depth[i], 14) * .8 + 'rem';
  if (mark[i] === CHANGE || mark[i] === MOVE) {
    const words = moved.has(i) ? ['moved from ' + strings[moved.get(i)]] : [];
    for (const field of fieldsOf(i)) {
      if (field.state === CHANGED) words.push(field.key + ' ' + wordsOf(field));
    }
    line.append('\u2003' + words.join(' · '));
  } else if (matched[i] || mark[i] !== NONE) {
    line.append('\u2003' + quietWords(i).join(' · '));
  }
  return line;
}

const wordsOf = field => short.get(field.id) || field.from + ' → ' + field.to;

function toPaper() {
  const paper = $('paper');
  if (paper.childElementCount > 1) return;
  const shown = new Uint8Array(N);
  for (const i of visible) shown[i] = 1;
  for (let i = N - 1; i >= 0; --i) {
    if (mark[i] !== NONE) shown[i] = 1;
    if (shown[i] && parent[i] >= 0) shown[parent[i]] = 1;
  }
  for (let i = 0; i < N; ++i) if (shown[i]) paper.append(printed(i));
  if (!$('command-list').hidden) {
    $('command-list').querySelector('.more')?.remove();
    appendSteps($('command-list'), stepsShown, steps.text.length);
    stepsShown = steps.text.length;
  }
}
function fromPaper() {
  const paper = $('paper');
  while (paper.childElementCount > 1) paper.lastElementChild.remove();
}
window.addEventListener('beforeprint', toPaper);
window.addEventListener('afterprint', fromPaper);
matchMedia('print').addEventListener('change', event =>
  event.matches ? toPaper() : fromPaper());

// ---- Begin ----

document.querySelector('main').hidden = false;
lineHeight = probe.getBoundingClientRect().height;
const sample = el('div', 'row');
list.append(sample);
padding = sample.getBoundingClientRect().height;
sample.remove();
probe.remove();
showFindings();
showCommands();
drawLegend();
refilter();
$('details').append(el('p', 'note', 'Choose a row to see all of it.'));
})();

// The report in the browser: the files of this folder are one function, in the
// order that embed.cmake gives them, and this is its beginning. What the data
// hold is text that strangers typed: it reaches the page through textContent
// only. Rows lie in columns (arrays by row number) in the order in which they
// are shown, each before those below it; only rows that can be seen are
// elements.
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
const partition = new Map(), moved = new Map(), reaches = new Map();
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
  pairs(rows.reaches, reaches);
}
derive();
const short = new Map();
for (let i = 0; i < data.short.length; i += 2) {
  short.set(data.short[i], data.short[i + 1]);
}

// Users of one account who change in the same way are one row until it is
// opened: of each the first of them, and of the first all. Whoever gets or
// loses rights has a row of his own.
const FOLD_FROM = 4;
const first = new Int32Array(N).fill(-1);
const folds = new Map();
function findFolds() {
  const rights = keys.map(key => key === 'AdminLevel' || key === 'Coordinator');
  for (let i = 0; i < N; i = kind[i] === 'u' ? i : i + 1) {
    const groups = new Map();
    for (; i < N && kind[i] === 'u'; ++i) {
      if (mark[i] === NONE) continue;
      const words = [mark[i], withRecord.has(i), partition.get(i),
        reaches.get(i)];
      let right = false;
      if (mark[i] !== DELETE) {
        for (let at = firstField[i]; at < firstField[i + 1]; ++at) {
          const id = rows.fields[at], state = fields[3 * id] & 3;
          if (state === SAME) continue;
          words.push(id);
          right ||= rights[fields[3 * id] >> 2];
        }
      }
      if (right) continue;
      const word = words.join();
      if (groups.has(word)) groups.get(word).push(i);
      else groups.set(word, [i]);
    }
    for (const users of groups.values()) {
      if (users.length < FOLD_FROM) continue;
      folds.set(users[0], users);
      for (const user of users) first[user] = users[0];
    }
  }
}
findFolds();

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

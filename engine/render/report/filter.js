// What is shown.

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
  // Who searches for a name wants to see it.
  if (filter.query !== '') for (const i of folds.keys()) open[i] = 1;
  if (N > 0 && !narrowed()) openTops();
}
function openTops() {
  for (let i = 0; i < N; i = end[i]) if (kind[i] === 'a') open[i] = 1;
}

const opens = i => folds.has(i) || (end[i] > i + 1 && hasKeptChild(i));
const isFolded = i => folds.has(i) && !open[i];
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
    if (first[i] >= 0 && first[i] !== i && !open[first[i]]) {
      ++i;
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

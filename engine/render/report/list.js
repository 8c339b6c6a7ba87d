// The list: only what can be seen is there.

const tree = $('tree'), list = $('rows');
const probe = el('div', 'line');
list.append(probe);
let tops = new Float64Array(1);     // Where each visible row begins; the end.
const elements = new Map();         // Row number -> its element.
let current = -1;                   // The row that has the focus of the tree.
let chosen = false;                 // Somebody chose it.
let lineHeight = 0, padding = 0;

// What a row says beside its name: for each option a list of [class, text].
function wordsOf(i) {
  if (mark[i] !== CHANGE && mark[i] !== MOVE) {
    return [[[mark[i] === ADD ? '' : 'quiet', quietWords(i).join(' · ')]]];
  }
  const out = [];
  if (moved.has(i)) out.push([['', 'moved from ' + strings[moved.get(i)]]]);
  for (const field of fieldsOf(i)) {
    if (field.state !== CHANGED) continue;
    const key = ['key', field.key + ' '];
    out.push(short.has(field.id) ? [key, ['', short.get(field.id)]] :
      [key, ['old', field.from], ['note', ' → '], ['new', field.to]]);
  }
  if (reaches.has(i)) out.push([['', strings[reaches.get(i)]]]);
  return out.length > 0 ? out : [[['', '']]];
}

let letters = 80;     // So many fit a line.
let stacked = false;  // Names stand above what changes, on a narrow screen.
let aligned = false;  // Values stand below each other.
const KEY_WIDTH = 23;  // As in the style.
// Letters of other scripts may be twice as wide.
const widthOf = text => text.length + (/[^\x20-\u024f→·]/.test(text) ?
  [...text].length : 0);

const widthIn = ([name, text]) => name === 'key' && aligned ?
  Math.max(text.length, KEY_WIDTH) : widthOf(text);

// The same in lines that fit, cut behind commas and blanks where they can be:
// so the height of a row is known before it is drawn.
function wrapped(words) {
  let width = 0;
  for (const word of words) width += widthIn(word);
  if (width <= letters) return [words];
  const lines = [[]];
  let used = 0;
  const add = (name, text) => {
    const last = lines[lines.length - 1];
    if (last.length > 0 && last[last.length - 1][0] === name) {
      last[last.length - 1] = [name, last[last.length - 1][1] + text];
    } else {
      last.push([name, text]);
    }
    used += widthIn([name, text]);
  };
  const next = () => {
    lines.push([]);
    used = 0;
  };
  for (const [name, text] of words) {
    for (let rest of text.match(/[^ ,]*[ ,]+|[^ ,]+/g) || []) {
      if (used > 0 && used + widthOf(rest.trimEnd()) > letters) next();
      while (widthOf(rest.trimEnd()) > letters) {
        const all = [...rest];
        const fit = widthOf(rest) > rest.length ? letters >> 1 : letters;
        add(name, all.slice(0, fit).join(''));
        next();
        rest = all.slice(fit).join('');
      }
      add(name, rest);
    }
  }
  return lines;
}

// Rows that do not change have one line, whatever it leaves out.
function linesOf(i) {
  const lines = mark[i] === NONE ? wordsOf(i) : wordsOf(i).flatMap(wrapped);
  return stacked ? lines.filter(words => words.some(([, text]) => text)) :
    lines;
}
const heightOf = i => linesOf(i).length + (stacked ? 1 : 0);

function measure() {
  stacked = matchMedia('(max-width: 62rem)').matches;
  tree.classList.toggle('stacked', stacked);
  const row = el('div', 'row'), cell = el('span', 'facts-of');
  const letter = el('span', 'value', 'x'.repeat(100));
  const box = el('span', 'line', letter);
  cell.append(box);
  row.append(el('span', 'sign'), el('span', 'title', 'x'), cell,
    el('span', 'size'));
  row.style.visibility = 'hidden';
  list.append(row);
  box.style.display = 'block';
  const room = box.clientWidth;
  box.style.display = 'inline';
  letter.style.whiteSpace = 'nowrap';
  letters = Math.max(
    Math.floor(100 * room / letter.getBoundingClientRect().width), 8);
  row.remove();
  aligned = letters >= 3 * KEY_WIDTH;
  tree.classList.toggle('aligned', aligned);
}

function relay() {
  measure();
  layOut();
  tops = new Float64Array(visible.length + 1);
  for (let place = 0; place < visible.length; ++place) {
    tops[place + 1] = tops[place] + heightOf(visible[place]) * lineHeight +
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
  const row = el('div', 'row' + (mark[i] === DELETE ? ' deletes' : '') +
    (mark[i] === NONE ? ' rests' : ''));
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
  const title = isFolded(i) ? foldTitle(i) : titleOf(i);
  const name = el('span', 'aQR'.includes(kind[i]) ? 'account' : '', title);
  name.title = title;
  cell.append(twisty);
  if (kind[i] === 'c' || kind[i] === 'q') {
    cell.append(el('span', 'note', KIND_WORDS[kind[i]] + ' '));
  } else if (kind[i] !== 'Q' && kind[i] !== 'R') {
    cell.append(el('span', 'vh', KIND_WORDS[kind[i]] + ' '));
  }
  cell.append(name);
  return cell;
}

// "12 users: ann, bob, carl and 9 more"
function foldTitle(i) {
  const users = folds.get(i);
  const shown = users.length <= 4 ? 4 : 3;
  const where = partition.has(i) ?
    ' (partition ' + strings[partition.get(i)] + ')' : '';
  return count(users.length, 'user', 'users') + where + ': ' +
    users.slice(0, shown).map(nameOf).join(', ') +
    (users.length > shown ? ' and ' + number.format(users.length - shown) +
      ' more' : '');
}

function factsCell(i) {
  const cell = el('span', 'facts-of');
  for (const words of linesOf(i)) {
    const line = el('span', 'line value');
    for (const [name, text] of words) {
      if (text === ' → ') {
        const arrow = el('span', name, text);
        arrow.setAttribute('aria-hidden', 'true');
        line.append(arrow, el('span', 'vh', ' to '));
      } else {
        line.append(el('span', name, text));
      }
    }
    line.title = line.textContent;
    cell.append(line);
  }
  return cell;
}

// All that is set, on one line: of what comes, of what goes, of what stays.
function quietWords(i) {
  const words = [];
  if (withRecord.has(i)) {
    words.push(mark[i] === ADD ? 'new user' : 'user leaves');
  }
  // What each of several deleted users had is in his own row.
  if (!isFolded(i) || mark[i] !== DELETE) {
    for (const field of fieldsOf(i)) words.push(field.key + ' ' + field.from);
  }
  if (reaches.has(i)) words.push(strings[reaches.get(i)]);
  return words;
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
let treeWidth = 0;
new ResizeObserver(() => {
  if (tree.clientWidth === treeWidth) return draw();
  treeWidth = tree.clientWidth;
  if (padding === 0) return;
  const hadFocus = tree.contains(document.activeElement);
  relay();
  if (hadFocus) elements.get(current)?.focus({preventScroll: true});
}).observe(tree);

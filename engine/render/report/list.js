// The list: only what can be seen is there.

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
  lines += reaches.has(i);
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
  if (reaches.has(i)) lines.push(el('span', '', strings[reaches.get(i)]));
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
  if (reaches.has(i)) words.push(strings[reaches.get(i)]);
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

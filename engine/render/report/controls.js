// Filters.

function checkbox(label, checked, change) {
  const box = el('input', '');
  box.type = 'checkbox';
  box.checked = checked;
  box.addEventListener('change', () => change(box.checked));
  return [box, el('label', '', box, label)];
}

const markBoxes = [], kindBoxes = {};
for (const m of [DELETE, ADD, CHANGE, MOVE, NONE]) {
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

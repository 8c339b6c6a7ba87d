// Choosing a row.

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
  if (first[i] >= 0 && first[i] !== i) open[first[i]] = 1;
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
    if (open[current]) {
      choose(visible[Math.min(place + 1, visible.length - 1)], true);
    }
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

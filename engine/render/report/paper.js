// On paper: all changes, what holds them, and the rows that lie open.

// As few elements as can be: a browser that writes a PDF takes its time for
// each of them.
function printed(i) {
  const line = el('p', 'printed', (SIGNS[mark[i]] || '\u2002') + '\u2002',
    'aQR'.includes(kind[i]) ? el('b', '', titleOf(i)) : titleOf(i));
  line.style.paddingLeft = 1.5 + Math.min(rows.depth[i], 14) * .8 + 'rem';
  if (mark[i] === CHANGE || mark[i] === MOVE) {
    const words = moved.has(i) ? ['moved from ' + strings[moved.get(i)]] : [];
    for (const field of fieldsOf(i)) {
      if (field.state === CHANGED) words.push(field.key + ' ' + changeOf(field));
    }
    if (reaches.has(i)) words.push(strings[reaches.get(i)]);
    line.append('\u2003' + words.join(' · '));
  } else if (matched[i] || mark[i] !== NONE) {
    line.append('\u2003' + quietWords(i).join(' · '));
  }
  return line;
}

const changeOf = field => short.get(field.id) || field.from + ' → ' + field.to;

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

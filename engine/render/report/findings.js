// Findings.

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
  // Words and options in turn.
  if (finding.way_on.length > 0) {
    box.append(el('p', 'lift', ...finding.way_on.map((piece, i) =>
      i % 2 === 0 ? piece : el('code', '', piece))));
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

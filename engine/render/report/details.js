// The chosen row in full.

function describe(i) {
  const pane = $('details');
  pane.replaceChildren(el('h3', '', titleOf(i)), pathOf(i), summaryOf(i));
  const table = fieldTable(i);
  if (table) pane.append(table);
  if (isFolded(i)) {
    pane.firstChild.textContent = foldTitle(i);
    pane.append(el('p', 'note', 'The first of them; → opens the row.'));
  }
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
  if (reaches.has(i)) words.push(strings[reaches.get(i)]);
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
      valueCell(before, field.state === SAME ? '' : ' old'),
      valueCell(after, field.state === SAME ? '' : ' new')));
  }
  table.append(body);
  return table;
}

// Lists may break after their commas.
function valueCell(text, className) {
  const cell = el('td', 'value' + className);
  text.split(/(?<=,)/).forEach(part => cell.append(part, el('wbr', '')));
  return cell;
}

// Commands.

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

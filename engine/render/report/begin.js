// Begin.

document.querySelector('main').hidden = false;
lineHeight = probe.getBoundingClientRect().height;
const sample = el('div', 'row');
list.append(sample);
padding = sample.getBoundingClientRect().height;
sample.remove();
probe.remove();
showFindings();
showCommands();
drawLegend();
refilter();
$('details').append(el('p', 'note', 'Choose a row to see all of it.'));

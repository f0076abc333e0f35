/* Lists under the keyboard: a cursor, ticks with their sum, the choice of columns. Refuses texts of its own.

   [data-keys]        a table or list whose rows j and k walk; Enter opens the row's link (a.name, else its first)
   [data-key="e"]     within a row: what the key presses or opens
   [data-search]      where / goes: the one in the page before the one in the top bar
   form[data-bulk]    row boxes name="ids" (data-amount: fen), a box [data-tick-all], the bar .zk-bulk
   [data-columns]     the choice of columns: dragging, arrow buttons, Alt+arrow keys */
(function () {
  'use strict';
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
  const typing = target => target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]');

  // ---- keys; single letters can be switched off (WCAG 2.1.4) ----
  const OFF = 'zk-keys-off', toggle = document.querySelector('[data-keys-toggle]');
  if (toggle) {
    toggle.checked = !localStorage.getItem(OFF);
    toggle.addEventListener('change', () => { if (toggle.checked) localStorage.removeItem(OFF); else localStorage.setItem(OFF, '1'); });
  }
  const list = () => document.querySelector('[data-keys]');
  const rows = holder => all(holder.tagName === 'TABLE' ? ':scope > tbody > tr:not(.grp)' : ':scope > li:not(.grp)', holder);
  const link = row => row.querySelector('a.name[href]') || row.querySelector('a[href]');
  let here = 0;
  function move(step) {
    const holder = list(); if (!holder) return;
    const every = rows(holder), present = every.findIndex(row => row.classList.contains('cur'));
    const next = every[Math.min(Math.max(present + step, 0), every.length - 1)]; if (!next) return;
    if (present >= 0) every[present].classList.remove('cur');
    next.classList.add('cur');
    here = every.indexOf(next);
    const target = link(next); if (target) target.focus({ preventScroll: true });
    next.scrollIntoView({ block: 'nearest' });
  }
  const current = () => list() && list().querySelector('.cur');
  // A row may name elements for single keys (data-key): a button is pressed, a field (or data-open) is shown and focused.
  function rowKey(key) {
    const row = current(), target = row && row.querySelector('[data-key="' + CSS.escape(key) + '"]');
    if (!target) return false;
    if (target.matches('button:not([data-open]), a')) { target.click(); return true; }
    const pop = target.closest('details'); if (pop) pop.open = true;
    target.focus();
    return true;
  }
  // When the row under the cursor goes, the cursor stays where it was; a list that is empty asks for the next rows.
  document.body.addEventListener('htmx:afterSettle', () => {
    const holder = list(); if (!holder || current()) return;
    const every = rows(holder);
    if (every.length) { every[Math.min(here, every.length - 1)].classList.add('cur'); move(0); }
    else if ('refill' in holder.dataset) location.reload();
  });
  const keys = {
    '/': () => { const box = document.querySelector('main [data-search]') || document.querySelector('[data-search]'); if (box) { box.focus(); box.select(); } return !!box; },
    '?': () => { const help = document.getElementById('zk-keys'); if (help) help.showModal(); return !!help; },
    j: () => { move(1); return !!list(); },
    k: () => { move(-1); return !!list(); },
    x: () => { const box = current() && current().querySelector('input[type=checkbox]'); if (box) box.click(); return !!box; },
    Enter: event => { const row = current(), target = row && event.target === document.body && link(row); if (target) target.click(); return !!target; },
  };
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (document.querySelector('dialog[open]') || localStorage.getItem(OFF)) return;
    const act = keys[event.key];
    if (rowKey(event.key) || (act && act(event))) event.preventDefault();
  });

  // ---- ticks ----
  // Boxes may stand outside their form (form="…"): a table holds other forms, and forms do not nest.
  const boxes = form => Array.from(form.elements).filter(one => one.name === 'ids' && one.type === 'checkbox');
  function count(form) {
    const ticked = boxes(form).filter(box => box.checked), bar = form.querySelector('.zk-bulk'), head = Array.from(form.elements).find(one => one.matches('[data-tick-all]'));
    for (const box of boxes(form)) { const row = box.closest('tr, li'); if (row) row.classList.toggle('sel', box.checked); }
    if (head) { head.checked = ticked.length > 0 && ticked.length === boxes(form).length; head.indeterminate = ticked.length > 0 && !head.checked; }
    if (!bar) return;
    bar.hidden = ticked.length === 0;
    const put = (selector, text) => { const place = bar.querySelector(selector); if (place) place.textContent = text; };
    put('[data-bulk-count]', ticked.length);
    const fen = ticked.reduce((sum, box) => sum + Number(box.dataset.amount || 0), 0);
    put('[data-bulk-sum]', (fen / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 }));
  }
  let last;
  document.addEventListener('click', event => {
    const box = event.target.closest('input[name=ids]');
    if (box && box.form && box.form.matches('[data-bulk]')) {
      const every = boxes(box.form), from = every.indexOf(last), to = every.indexOf(box);
      if (event.shiftKey && from >= 0) every.slice(Math.min(from, to), Math.max(from, to) + 1).forEach(one => { one.checked = box.checked; });
      last = box;
      count(box.form);
    }
    const clear = event.target.closest('[data-bulk-clear]');
    if (clear) { boxes(clear.form).forEach(one => { one.checked = false; }); count(clear.form); }
  });
  document.addEventListener('change', event => {
    const head = event.target.closest('[data-tick-all]');
    if (head) { boxes(head.form).forEach(one => { one.checked = head.checked; }); count(head.form); }
  });
  const recount = () => all('form[data-bulk]').forEach(count);
  recount();
  addEventListener('pageshow', recount);
  document.body.addEventListener('htmx:afterSettle', recount);

  // A table wider than its panel scrolls inside it, and then its head cannot stick to the window.
  const fit = wrap => wrap.classList.toggle('scrolls', wrap.firstElementChild.scrollWidth > wrap.clientWidth + 1);
  const fitted = new ResizeObserver(entries => entries.forEach(entry => fit(entry.target)));
  const watch = () => all('.zk-wrap').forEach(wrap => fitted.observe(wrap));
  watch();
  document.body.addEventListener('htmx:afterSettle', watch);

  // ---- columns ----
  function shift(item, step) {
    const beside = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!beside || !beside.draggable) return;
    if (step < 0) beside.before(item); else beside.after(item);
  }
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-columns] [data-move]'); if (!button) return;
    shift(button.closest('li'), Number(button.dataset.move));
    button.focus();
  });
  document.addEventListener('keydown', event => {
    const item = event.altKey && event.target.closest('[data-columns] li');
    if (!item || !item.draggable || !/^Arrow(Up|Down)$/.test(event.key)) return;
    event.preventDefault();
    const focused = document.activeElement;
    shift(item, event.key === 'ArrowUp' ? -1 : 1);
    focused.focus();
  });
  let held;
  document.addEventListener('dragstart', event => {
    held = event.target.closest && event.target.closest('[data-columns] li');
    if (held) { held.classList.add('drag'); event.dataTransfer.effectAllowed = 'move'; }
  });
  document.addEventListener('dragover', event => {
    const over = held && event.target.closest('[data-columns] li');
    if (!over || over.parentElement !== held.parentElement || !over.draggable) return;
    event.preventDefault();
    const box = over.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) over.before(held); else over.after(held);
  });
  document.addEventListener('dragend', () => { if (held) held.classList.remove('drag'); held = null; });
  document.addEventListener('input', event => {
    const box = event.target.closest('[data-columns-find]'); if (!box) return;
    const wanted = box.value.trim().toLowerCase();
    for (const item of all('li', box.form)) item.hidden = wanted !== '' && !item.textContent.toLowerCase().includes(wanted);
  });
})();

/* What every page does: dialogs and pop-overs, notices, forms, polling, fetching the charts. No text of its own: words
   come from the page. Refuses inline handlers and eval (the content security policy forbids both).

   data-dialog="id"          opens that <dialog>
   details.zk-d              pop-over; closes on Esc and on a click outside
   data-back                 goes back one page
   form                      a second press of the button is ignored while the first is under way
   form[data-keep]           what was typed survives an expired page, an error or an idle exit (this tab only)
   form[data-submit-on-change]
   data-poll="15" hx-get hx-trigger="zk:poll" data-version   asks again every 15 s while the page is visible
   data-chart, data-table    see charts.js, which is fetched when a page holds a chart */
(function () {
  'use strict';
  const body = document.body, here = location.pathname, bare = 'bare' in body.dataset;
  const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));

  // ---- dialogs, pop-overs, back ----
  document.addEventListener('click', event => {
    const opener = event.target.closest('[data-dialog]');
    if (opener) document.getElementById(opener.dataset.dialog).showModal();
    if (event.target.closest('[data-back]')) history.back();
    if (event.target.tagName === 'DIALOG') event.target.close(); // a click on the backdrop
    for (const open of all('details.zk-d[open]')) if (!open.contains(event.target)) open.open = false;
  });
  // What was fetched into a dialog is shown at once.
  body.addEventListener('htmx:afterSwap', event => {
    if (event.detail.target.tagName === 'DIALOG' && !event.detail.target.open) event.detail.target.showModal();
  });
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    const open = all('details.zk-d[open]').pop();
    if (open) { open.open = false; open.querySelector('summary').focus(); }
    else if (event.target.matches('input, textarea, select')) event.target.blur();
  });

  // A pop-over that would leave the window is moved back into it.
  document.addEventListener('toggle', event => {
    const pop = event.target.matches('details.zk-d[open]') && event.target.querySelector(':scope > .zk-pop');
    if (!pop) return;
    pop.style.translate = '';
    const box = pop.getBoundingClientRect(), edge = 8;
    const by = Math.max(edge - box.left, 0) + Math.min(document.documentElement.clientWidth - edge - box.right, 0);
    if (by && getComputedStyle(pop).position === 'absolute') pop.style.translate = by + 'px';
  }, true);

  // ---- notices ----
  const toasts = document.getElementById('zk-toasts');
  const fade = toast => {
    let left = toast.querySelector('form') ? 20 : 8; // seconds; the clock stands while it is pointed at or focused
    const clock = setInterval(() => {
      if (toast.matches(':hover, :focus-within')) return;
      left -= 1;
      if (left <= 0) { clearInterval(clock); toast.remove(); }
    }, 1000);
  };
  function notify(text, undo, kind) {
    const pattern = document.getElementById('zk-toast');
    if (!toasts || !pattern) return;
    const toast = pattern.content.firstElementChild.cloneNode(true), form = toast.querySelector('form');
    toast.querySelector('[data-text]').textContent = text;
    if (kind) toast.classList.add(kind);
    if (undo) form.action = undo; else form.remove();
    toasts.append(toast);
    fade(toast);
  }
  all('.zk-toast', toasts || document.createElement('i')).forEach(fade);
  document.addEventListener('click', event => {
    const close = event.target.closest('[data-close-toast]');
    if (close) close.closest('.zk-toast').remove();
  });
  body.addEventListener('zk:toast', event => notify(event.detail.text, event.detail.undo, event.detail.kind));

  // ---- forms ----
  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.method !== 'post' && form.method !== 'get') return;
    if (form.matches('[data-sign-out]')) sessionStorage.clear();
    if (form.getAttribute('aria-busy') === 'true') { event.preventDefault(); event.stopImmediatePropagation(); return; }
    if (form.matches('[data-keep]')) keep(form);
    if (form.method === 'post' && !form.matches('[data-again]')) form.setAttribute('aria-busy', 'true');
  }, true);
  const release = () => all('form[aria-busy]').forEach(form => form.removeAttribute('aria-busy'));
  addEventListener('pageshow', release);
  document.addEventListener('change', event => {
    const form = event.target.closest('form[data-submit-on-change]');
    if (form) form.requestSubmit();
  });

  // Drafts: a draft is restored only where the form was interrupted by a page without the menu (sign-in, an error).
  const prefix = 'zk-draft:';
  const name = form => prefix + here + '#' + (form.id || all('form').indexOf(form));
  const kept = field => field.name && !field.disabled && field.name !== 'csrfmiddlewaretoken' && !/^(password|hidden|file|submit|button)$/.test(field.type);
  function keep(form) {
    const values = all('input, textarea, select', form).filter(kept).map(field => [field.name, /^(checkbox|radio)$/.test(field.type) ? (field.checked ? field.value : null) : field.value, field.type]);
    sessionStorage.setItem(name(form), JSON.stringify({ person: body.dataset.person, interrupted: false, values }));
  }
  for (const key of Object.keys(sessionStorage).filter(key => key.startsWith(prefix))) {
    const draft = JSON.parse(sessionStorage.getItem(key));
    if (bare) { sessionStorage.setItem(key, JSON.stringify({ ...draft, interrupted: true })); continue; }
    const form = all('form[data-keep]').find(form => name(form) === key);
    if (draft.interrupted && !form) continue; // on the way back to it
    sessionStorage.removeItem(key);
    if (!draft.interrupted || draft.person !== body.dataset.person) continue;
    for (const [field, value, type] of draft.values) {
      const control = all('[name="' + CSS.escape(field) + '"]', form).find(one => !/^(checkbox|radio)$/.test(type) || one.value === value);
      if (!control) continue;
      if (/^(checkbox|radio)$/.test(type)) control.checked = value !== null; else control.value = value;
    }
  }

  // A file dropped on its field
  const drop = event => event.target.closest && event.target.closest('.zk-drop');
  for (const [kind, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
    document.addEventListener(kind, event => {
      const field = drop(event); if (!field) return;
      event.preventDefault();
      field.classList.toggle('over', over);
      const input = field.querySelector('input[type=file]');
      if (kind === 'drop' && input) { input.files = event.dataTransfer.files; input.dispatchEvent(new Event('change', { bubbles: true })); }
    });
  }

  // ---- polling ----
  const asked = new WeakMap();
  setInterval(() => {
    if (document.visibilityState !== 'visible') return;
    const now = Date.now();
    for (const part of all('[data-poll]')) {
      if (!asked.has(part)) { asked.set(part, now); continue; }
      if (now - asked.get(part) < Number(part.dataset.poll) * 1000 - 50) continue;
      if (part.contains(document.activeElement) && document.activeElement !== body || part.querySelector('details[open]')) continue;
      asked.set(part, now);
      htmx.trigger(part, 'zk:poll');
    }
  }, 500);

  // ---- htmx ----
  body.addEventListener('htmx:configRequest', event => {
    const { headers, elt, triggeringEvent } = event.detail;
    if (!triggeringEvent || triggeringEvent.type !== 'zk:poll') return;
    headers['X-Zhike-Poll'] = '1';
    if (elt.dataset.version) headers['X-Zhike-Version'] = elt.dataset.version;
  });
  const polled = event => event.detail.requestConfig && event.detail.requestConfig.headers['X-Zhike-Poll'];
  body.addEventListener('htmx:beforeSwap', event => {
    // A whole page where a part was asked for: the session ended, or the part has moved. Go there.
    if (/^\s*<!doctype html/i.test(event.detail.serverResponse || '') && event.detail.target !== body) {
      event.detail.shouldSwap = false;
      if (event.detail.xhr.status < 400) location.assign(event.detail.xhr.responseURL || location.href);
    }
  });
  body.addEventListener('htmx:sendError', event => { if (!polled(event)) notify(body.dataset.failed, '', 'hand'); });
  body.addEventListener('htmx:responseError', event => { if (!polled(event)) notify(event.detail.xhr.status >= 500 ? body.dataset.failed : body.dataset.refused, '', 'hand'); });
  body.addEventListener('htmx:afterRequest', release);
  body.addEventListener('htmx:xhr:progress', event => {
    const bar = event.target.querySelector && event.target.querySelector('[data-upload-progress]');
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.querySelector('.zk-progress > span').style.width = 100 * event.detail.loaded / event.detail.total + '%';
  });

  // ---- charts are fetched where a page draws one ----
  const own = document.getElementById('zk-app').dataset;
  let fetching;
  const fetchScript = address => new Promise((done, failed) => {
    const script = document.createElement('script');
    script.src = address; script.onload = done; script.onerror = failed;
    document.head.append(script);
  });
  function charts(root) {
    if (!root.querySelector || !(root.matches && root.matches('[data-chart]') || root.querySelector('[data-chart]'))) return;
    fetching = fetching || fetchScript(own.echarts).then(() => fetchScript(own.charts));
    fetching.then(() => window.zk.drawAll(root), () => all('.zk-chart-table', root).forEach(table => { table.hidden = false; }));
  }
  charts(body);
  body.addEventListener('htmx:afterSettle', event => charts(event.detail.elt));
  document.addEventListener('click', event => {
    const button = event.target.closest('[data-table]'); if (!button) return;
    const chart = document.getElementById(button.dataset.table), table = document.getElementById(button.dataset.table + '-table');
    const show = table.hidden;
    table.hidden = !show; chart.hidden = show;
    button.setAttribute('aria-pressed', show);
  });

  window.zk = Object.assign(window.zk || {}, { notify });
})();

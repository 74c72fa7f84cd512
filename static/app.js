// What pages do in the browser beside htmx. Everything is asked for by a data- attribute, and every page is whole
// without it. No text of a page is made here: texts are in the markup, in the page's language.

document.documentElement.setAttribute("data-with-script", "");

// Forms whose choices apply at once: filters, theme, language. A text applies with Enter.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-submit-on-change]");
  if (form && event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
});

// An empty filter does not belong into the URL.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "get") return;
  for (const field of form.elements) {
    if (field.name && field.value === "") field.disabled = true;
  }
  // Going back brings the page as it was left: its fields must be alive then.
  setTimeout(() => {
    for (const field of form.elements) field.disabled = false;
  });
});

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-toggle], [data-copy], [data-close], [data-open]");
  if (!target) return;
  if (target.dataset.toggle) toggle(target);
  else if (target.dataset.copy !== undefined) copy(target);
  else if (target.dataset.open) document.getElementById(target.dataset.open)?.showModal();
  else closeAround(target);
});

function toggle(button) {
  const isOpen = document.getElementById(button.dataset.toggle).classList.toggle("is-open");
  button.setAttribute("aria-expanded", String(isOpen));
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    // Without https there is no clipboard: the text is selected, to be copied by hand.
    const code = button.parentElement.querySelector("code");
    if (code) getSelection().selectAllChildren(code);
    return;
  }
  const label = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => button.textContent = label, 1500);
}

function closeAround(element) {
  element.closest("dialog")?.close();
  const details = element.closest("details");
  if (!details) return;
  details.open = false;
  details.querySelector("summary").focus();
}

// A question before a dangerous action is a `details`: it takes the focus, and Escape and a click elsewhere close it.
document.addEventListener("toggle", (event) => {
  const details = event.target;
  if (!details.matches?.("details[data-dialog]") || !details.open) return;
  for (const other of document.querySelectorAll("details[data-dialog][open]")) {
    if (other !== details) other.open = false;
  }
  details.querySelector("[data-close]")?.focus();
}, true);

document.addEventListener("pointerdown", (event) => {
  for (const details of document.querySelectorAll("details[data-dialog][open]")) {
    if (!details.contains(event.target)) details.open = false;
  }
});

// Keys: `/` goes to the filter, `?` shows what there is, `g` and a letter goes to a page.
let isGoing = false;
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details[data-dialog][open]");
    if (open) closeAround(open.querySelector("[data-close]") ?? open);
    return;
  }
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) {
    return;
  }
  if (isGoing) {
    isGoing = false;
    const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
  } else if (event.key === "g") {
    isGoing = true;
    setTimeout(() => isGoing = false, 1500);
  } else if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  } else if (event.key === "?") {
    document.getElementById("shortcuts")?.showModal();
  }
});

// A box that stands for all others of a name.
document.addEventListener("change", (event) => {
  const name = event.target.dataset?.checkAll;
  if (!name) return;
  for (const box of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)) {
    box.checked = event.target.checked;
  }
});

// A whole secret must not stand in an address: typed into a filter it is posted by the form that is meant for it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  const other = document.getElementById(form.dataset.secretsTo);
  const text = form.elements.q?.value.trim() ?? "";
  if (!other || !/^\S{20,}$/.test(text) || /^[0-9a-f-]{36}$/.test(text)) return;
  event.preventDefault();
  other.elements.key.value = text;
  other.submit();
}, true);

// htmx 4.0.1 keeps a link from opening in a tab of its own: it must not hear of such a click.
document.addEventListener("click", (event) => {
  const isForTab = event.ctrlKey || event.metaKey || event.shiftKey;
  if (isForTab && event.target.closest?.("a[hx-get]")) event.stopPropagation();
}, true);

// A drawer opens when something was loaded into it, and is empty when it is closed.
document.addEventListener("htmx:after:swap", () => {
  const drawer = document.querySelector("dialog[data-drawer]:not([open])");
  if (drawer?.firstElementChild?.hasChildNodes()) drawer.showModal();
});

for (const drawer of document.querySelectorAll("dialog[data-drawer]")) {
  drawer.addEventListener("close", () => drawer.firstElementChild.replaceChildren());
  drawer.addEventListener("click", (event) => event.target === drawer && drawer.close());
}

// A cell of a map is known by its place.
document.addEventListener("click", (event) => {
  const cells = event.target.parentElement?.closest("[data-cells]");
  if (!cells) return;
  location.href = cells.dataset.cells.replace(
    /cell=(?=&|$)/,
    `cell=${[...cells.children].indexOf(event.target)}`,
  );
});

// Countdowns, and times that go on, in the form that views/format.ts gives durations.
function tick() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const text = duration(Number(element.dataset.countdown) - Date.now());
    if (element.textContent !== text) element.textContent = text;
  }
  for (const element of document.querySelectorAll("[data-since]")) {
    const text = duration(Date.now() - Number(element.dataset.since));
    if (element.textContent !== text) element.textContent = text;
  }
}

function duration(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds % 86400 / 3600);
  const minutes = Math.floor(seconds % 3600 / 60);
  const rest = seconds % 60;
  if (days > 0) return hours > 0 ? `${days}d ${hours}h` : `${days}d`;
  if (hours > 0) return minutes > 0 ? `${hours}h ${minutes}m` : `${hours}h`;
  if (minutes > 0) return rest > 0 ? `${minutes}m ${rest}s` : `${minutes}m`;
  return `${rest}s`;
}

setInterval(tick, 1000);

// The setup token in the link's fragment, which no server sees, goes into its field and out of the address.
const fromFragment = document.querySelector("[data-from-fragment] input");
if (fromFragment && location.hash.length > 1) {
  fromFragment.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  document.getElementById("field-password")?.focus();
}

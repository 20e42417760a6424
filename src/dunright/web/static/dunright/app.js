// What the pages need beyond plain HTML and htmx. Every page reads and filters without this file.
"use strict";

const toasts = () => document.getElementById("toasts");

/** Show a sentence at the bottom of the page. */
function toast(text, level = "error") {
  const made = document.getElementById("toast-template").content.firstElementChild.cloneNode(true);
  made.className = `toast toast-${level}`;
  made.querySelector(".toast-text").textContent = text;
  toasts().append(made);
}

/** Put text on the clipboard; where the browser forbids it (plain http), select the field so that Ctrl C works. */
async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  const text = "value" in field ? field.value : field.textContent.trim();
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    field.select?.();
    if (!document.execCommand("copy")) return toast("Press Ctrl C to copy what is selected.", "info");
  }
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = label.textContent;
  label.textContent = "Copied";
  setTimeout(() => (label.textContent = before), 2000);
}

/** Remember light or dark for a year in a cookie, so that the server writes the page in the right colours. */
function choose(theme) {
  const root = document.documentElement;
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  const age = theme ? 31536000 : 0;
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
  for (const choice of document.querySelectorAll("[data-theme-choice]")) {
    choice.setAttribute("aria-pressed", String(choice.dataset.themeChoice === theme));
  }
}

/** Dialogs: browsers without invoker commands get them here; dialogs marked data-open open when they arrive. */
const knowsCommands = "command" in HTMLButtonElement.prototype;
function invoke(button) {
  const target = document.getElementById(button.getAttribute("commandfor"));
  const command = button.getAttribute("command");
  if (command === "show-modal" && !target?.open) target?.showModal();
  if (command === "close") target?.close();
}
function openMarked(root) {
  for (const dialog of root.querySelectorAll("dialog[data-open]")) {
    dialog.removeAttribute("data-open");
    if (!dialog.open) dialog.showModal();
  }
}

/** Letters stand in frames that run nothing; give each the height of what it holds, so that only the page scrolls. */
function fit(frame) {
  const held = frame.contentDocument?.body;
  if (held?.childElementCount) frame.style.height = `${Math.ceil(held.getBoundingClientRect().height) + 24}px`;
}
function fitAll(root) {
  for (const frame of root.querySelectorAll("iframe[data-fit]")) {
    fit(frame);
    frame.addEventListener("load", () => fit(frame));
  }
}

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest?.(selector);
  const dismiss = at("[data-dismiss]");
  if (dismiss) dismiss.closest(".toast").remove();
  const copier = at("[data-copy]");
  if (copier) copy(copier);
  const theme = at("[data-theme-choice]");
  if (theme) choose(theme.dataset.themeChoice);
  const commander = at("button[commandfor]");
  if (commander && !knowsCommands) invoke(commander);
  const item = at(".menu-item");
  if (item && !theme) item.closest("[popover]")?.hidePopover();
  // A click on the shade beside a dialog closes it.
  if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const isInside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!isInside) event.target.close();
  }
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-submit]")) field.form.requestSubmit();
  if (field.matches("[data-check-all]")) {
    for (const box of document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(field.dataset.checkAll)}"]`)) {
      box.checked = field.checked;
    }
  }
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches?.("input, textarea, select, [contenteditable]");
  const isShortcut = (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) || (event.key === "/" && !isTyping);
  const search = document.getElementById("search-input");
  if (!isShortcut || !search) return;
  event.preventDefault();
  if (search.offsetParent === null) document.getElementById("search").showPopover();
  search.focus();
  search.select();
});

document.addEventListener("toggle", (event) => {
  if (event.target.id === "search" && event.newState === "open") document.getElementById("search-input").focus();
}, true);

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
});
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const sentences = {
    403: "You may not do this, or the page is out of date. Load it again.",
    404: "This is no longer there. Load the page again.",
    429: "Too many tries. Wait a few minutes.",
  };
  toast(sentences[status] ?? "That did not work, and nothing was changed. Try again in a minute.");
});
document.addEventListener("htmx:sendError", () => toast("The server cannot be reached. Check the connection and try again."));
document.addEventListener("htmx:load", (event) => openMarked(event.detail.elt.parentElement ?? document));
window.addEventListener("resize", () => document.querySelectorAll("iframe[data-fit]").forEach(fit));
// A view says {"toast": {"text": …, "level": …}} in HX-Trigger.
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level ?? "success"));

openMarked(document);
fitAll(document);

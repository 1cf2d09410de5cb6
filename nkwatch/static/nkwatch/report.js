/*
 * Add a report: what a browser adds to the plain form (pages.md, B1). Reading at once, cards from selected words,
 * what each card does after every change, keys, and a copy kept in this browser until the report is handed in.
 */
(() => {
  const KEPT = "nkwatch-report-";
  const KEPT_DAYS = 30;
  const REFUSED = {
    400: "This is more than the server takes at once: paste the text alone, without its HTML.",
    403: "You are logged out, or may not add reports. Log in on another tab; what you typed is kept in this browser.",
    413: "This is more than the server takes at once: paste the text alone, without its HTML.",
  };
  const form = document.getElementById("report");
  const done = document.getElementById("report-done");
  if (done) forget(sessionStorage.getItem("report"));
  if (!form) return;

  const status = document.getElementById("report-status");
  const { read: readAddress, guess: guessAddress, effects: effectsAddress, user } = form.dataset;
  const KINDS = { q: "quotes", c: "events", f: "figures", r: "relies" };
  const NAMING = ["paste-url", "paste-pasted", "source-title", "source-source_url"];
  const field = (card, name) => card.querySelector(`[name="${card.dataset.prefix}-${name}"]`);
  let pane = null;
  let place = null;

  document.documentElement.classList.add("report-scripted");

  function say(words) {
    status.textContent = words;
  }

  async function ask(address, entries) {
    let answer;
    try {
      answer = await fetch(address, {
        method: "POST",
        body: entries,
        credentials: "same-origin",
        headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      });
    } catch {
      throw new Error("The server does not answer. What you typed is kept in this browser.");
    }
    if (!answer.ok) throw new Error(REFUSED[answer.status] || "The server could not take this: reload the page.");
    return answer;
  }

  /* Reading what was pasted: the server draws the screen anew, with what it could read filled in */

  async function readPasted() {
    say("Reading…");
    const sent = new FormData(form);
    let answer;
    try {
      answer = await ask(readAddress, sent);
      const drawn = await answer.text();
      const now = new FormData(form);
      const { id, name: at } = document.activeElement || document.body;
      document.getElementById("report-body").outerHTML = drawn;
      for (const [name, value] of now) {
        const input = form.elements[name];
        if (value !== sent.get(name) && input && "value" in input && !input.disabled) input.value = value;
      }
      wake();
      if (pane && (at === "paste-pasted" || id === "report-read")) pane.focus();
      else if (!pane && at === "paste-url") form.elements["paste-pasted"].focus();
      else if (id) document.getElementById(id)?.focus();
      const hits = form.querySelectorAll(".report-hit").length;
      say(hits ? `Read. ${hits} on record may be the same: see above the text.` : "Read.");
      changed();
    } catch (error) {
      say(error.message);
    }
  }

  form.addEventListener("paste", ({ target }) => {
    if (target.name === "paste-url" || target.name === "paste-pasted") setTimeout(readPasted);
  });
  form.addEventListener("click", (event) => {
    if (event.target.id !== "report-read") return;
    event.preventDefault();
    readPasted();
  });

  /* Selected words become cards. The text can be walked and selected with the keys, and not be changed. */

  function wake() {
    offerClaims();
    pane = document.getElementById("report-pane");
    if (!pane) return;
    pane.contentEditable = "true";
    pane.spellcheck = false;
    pane.inputMode = "none";
    pane.setAttribute("role", "textbox");
    pane.setAttribute("aria-multiline", "true");
    pane.setAttribute("aria-readonly", "true");
    for (const name of ["beforeinput", "drop", "paste", "cut"]) {
      pane.addEventListener(name, (event) => event.preventDefault());
    }
    pane.addEventListener("keydown", onKeyInText);
    mark();
  }

  function selected() {
    const selection = window.getSelection();
    if (!pane || !selection.rangeCount || !pane.contains(selection.anchorNode) || !pane.contains(selection.focusNode)) return null;
    const range = selection.getRangeAt(0);
    const before = document.createRange();
    before.selectNodeContents(pane);
    before.setEnd(range.startContainer, range.startOffset);
    const words = range.toString();
    const position = before.toString().length + words.length - words.trimStart().length;
    return { words: words.trim(), position };
  }

  function paragraphAt(position) {
    const whole = pane.textContent;
    const start = whole.lastIndexOf("\n", position - 1) + 1;
    const end = whole.indexOf("\n", position);
    return whole.slice(start, end < 0 ? undefined : end);
  }

  function onKeyInText(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const latin = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : event.code.replace("Key", "").toLowerCase();
    if (!KINDS[latin]) return;
    event.preventDefault();
    makeCard(KINDS[latin]);
  }

  form.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-makes]")) event.preventDefault();
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-makes]");
    if (!button) return;
    event.preventDefault();
    makeCard(button.dataset.makes);
  });

  function addCard(kind, into) {
    const total = form.elements[`${kind}-TOTAL_FORMS`];
    const holder = document.createElement("div");
    holder.innerHTML = document
      .getElementById(`report-template-${kind}`)
      .innerHTML.replaceAll("__prefix__", total.value)
      .replaceAll("__number__", String(Number(total.value) + 1));
    const card = holder.firstElementChild;
    into.append(card);
    total.value = Number(total.value) + 1;
    offerClaims();
    return card;
  }

  /* A quote may explain any claim of the report: those made after it are offered as well */

  function offerClaims() {
    const claims = Number(form.elements["events-TOTAL_FORMS"].value);
    for (const set of form.querySelectorAll("[data-explains]")) {
      const name = set.dataset.explains;
      for (let number = 1; number <= claims; number += 1) {
        if (set.querySelector(`[value="event-${number}"]`)) continue;
        const label = document.createElement("label");
        const box = Object.assign(document.createElement("input"), { type: "checkbox", name, value: `event-${number}` });
        label.append(box, ` Claim ${number}`);
        set.querySelector(".report-checks").append(label);
      }
      set.closest(".report-field").hidden = !claims;
    }
  }

  async function makeCard(kind) {
    const chosen = selected();
    place = chosen && window.getSelection().getRangeAt(0).cloneRange();
    const card = addCard(kind, document.getElementById(`report-${kind}`));
    if (chosen && chosen.words) {
      if (kind === "quotes") unquote(chosen);
      const excerpt = field(card, "excerpt") || field(card, "note");
      if (excerpt) {
        excerpt.value = chosen.words;
        fit(excerpt);
      }
      if (field(card, "position")) field(card, "position").value = chosen.position;
    }
    const first = [...card.querySelectorAll("[data-first]")].find((input) => !input.value);
    (first || card.querySelector("input:not([type=hidden]), select, textarea")).focus();
    card.scrollIntoView({ block: "nearest" });
    say(`${card.dataset.called} added.`);
    changed();
    if (chosen && chosen.words) await guess(card, kind, chosen);
  }

  async function guess(card, kind, chosen) {
    const asked = new FormData();
    asked.set("kind", kind);
    asked.set("words", chosen.words);
    asked.set("paragraph", paragraphAt(chosen.position));
    asked.set("issued", form.elements["source-issued"].value);
    let told;
    try {
      told = await (await ask(guessAddress, asked)).json();
    } catch {
      return;
    }
    for (const [name, value] of Object.entries(told.fields)) {
      const input = field(card, name);
      if (!input || input.value) continue;
      input.value = value;
      input.classList.add("report-read");
      if (input === document.activeElement) next(card, input).focus();
    }
    changed();
  }

  /* The marks around a quote, and a comma before the last, are the paper's */

  function unquote(chosen) {
    const opening = chosen.words.match(/^[“"«‘「]*/)[0].length;
    chosen.words = chosen.words.slice(opening).replace(/,?[”"»’」]+$/, "");
    chosen.position += opening;
  }

  function next(card, input) {
    return [...card.querySelectorAll("[data-first]")].find((other) => other !== input && !other.value) || input;
  }

  /* A new actor or mission, as a card below the box that asked for it */

  form.addEventListener("new-record", (event) => {
    const input = event.target;
    const name = input.value.trim();
    const kind = event.detail.kind;
    const from = input.closest(".report-card");
    if (kind === "relies" && from.classList.contains("report-relies")) {
      field(from, "title").value = name;
      input.value = "";
      field(from, "outlet").focus();
      changed();
      return;
    }
    const card = addCard(kind, document.getElementById(`report-${kind}`));
    if (from.dataset.prefix !== "source") input.closest(".report-row").after(card);
    const named = field(card, "name") || field(card, "host") || field(card, "title");
    named.value = name;
    input.value = `${card.dataset.key} ${name}`;
    const first = card.querySelector("[data-first]") || named;
    if (input.dataset.newAs) first.value = input.dataset.newAs;
    first.focus();
    say(`${card.dataset.called} added.`);
    changed();
  });

  form.addEventListener("click", (event) => {
    const offer = event.target.closest("[data-fills]");
    if (!offer) return;
    event.preventDefault();
    const input = form.elements[offer.dataset.fills];
    input.value = offer.value;
    input.classList.add("report-read");
    input.focus();
    changed();
  });

  /* What each card will do, after every change */

  let timer = 0;
  let asking = 0;
  function changed() {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      keep();
      mark();
      const turn = (asking += 1);
      try {
        const told = await (await ask(effectsAddress, new FormData(form))).json();
        if (turn !== asking) return;
        for (const line of form.querySelectorAll("[data-effect]")) {
          const html = told.effects[line.dataset.effect] || "";
          if (line.innerHTML.trim() !== html.trim()) line.innerHTML = html;
        }
      } catch (error) {
        say(error.message);
      }
    }, 350);
  }

  form.addEventListener("input", (event) => {
    event.target.classList.remove("report-read");
    if (event.target.localName === "textarea") fit(event.target);
    // Half a name is no mistake yet: what it comes to is asked once it stands.
    if (!event.target.dataset.reference) changed();
  });
  form.addEventListener("change", changed);

  function fit(area) {
    if (area.name === "paste-pasted") return;
    area.rows = Math.min(8, Math.max(2, Math.ceil(area.value.length / 60)));
  }

  /* The words that have a card already are underlined in the text */

  function mark() {
    if (!window.Highlight || !pane || !pane.firstChild) return;
    const whole = pane.textContent;
    const ranges = [];
    for (const input of form.querySelectorAll("[name$='-excerpt']")) {
      const position = Number(form.elements[input.name.replace("-excerpt", "-position")].value) || 0;
      const near = whole.startsWith(input.value, position) ? position : whole.indexOf(input.value);
      if (!input.value || near < 0) continue;
      const range = document.createRange();
      range.setStart(pane.firstChild, near);
      range.setEnd(pane.firstChild, near + input.value.length);
      ranges.push(range);
    }
    CSS.highlights.set("report-used", new Highlight(...ranges));
  }

  /* Whoever presses twice, or too long, hands in once; back on this page, it can be handed in anew */

  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
    setTimeout(() => delete form.dataset.sent, 5_000);
  });
  addEventListener("pageshow", () => delete form.dataset.sent);

  /* Keys for the whole screen */

  document.addEventListener("keydown", (event) => {
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "s") {
      event.preventDefault();
      form.requestSubmit(document.getElementById("report-draft"));
    } else if (command && event.key === "Enter") {
      event.preventDefault();
      form.requestSubmit(document.getElementById("report-submit"));
    } else if (event.key === "Escape" && pane && form.contains(event.target)) {
      pane.focus();
      if (place) window.getSelection().setBaseAndExtent(place.endContainer, place.endOffset, place.endContainer, place.endOffset);
    }
  });

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    if (event.target.localName !== "input" || event.isComposing) return;
    event.preventDefault();
    if (event.target === form.elements["paste-url"]) readPasted();
  });

  /* A copy in this browser, offered when the screen is opened anew */

  function forget(name) {
    if (name && name.startsWith(KEPT)) localStorage.removeItem(name);
  }

  function keep() {
    const entries = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
    if (!entries.some(([name, value]) => value && NAMING.includes(name))) return;
    try {
      localStorage.setItem(sessionStorage.getItem("report"), JSON.stringify({ at: Date.now(), entries }));
    } catch {
      say("This browser has no room to keep a copy of what you type: save a draft now and then.");
    }
  }

  function takeUp(name) {
    const sent = document.createElement("form");
    sent.method = "post";
    sent.enctype = "multipart/form-data";
    const { entries } = JSON.parse(localStorage.getItem(name));
    const token = ["csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value];
    for (const [key, value] of [...entries, token, ["do", "effects"]]) {
      const input = document.createElement("textarea");
      input.name = key;
      input.value = value;
      sent.append(input);
    }
    sent.hidden = true;
    document.body.append(sent);
    sessionStorage.setItem("report", name);
    HTMLFormElement.prototype.submit.call(sent);
  }

  function offer() {
    const list = document.getElementById("report-kept");
    const template = document.getElementById("report-template-kept");
    const oldest = Date.now() - KEPT_DAYS * 86_400_000;
    for (const name of Object.keys(localStorage).filter((key) => key.startsWith(`${KEPT}${user}-`))) {
      const { at, entries } = JSON.parse(localStorage.getItem(name));
      if (at < oldest) {
        forget(name);
        continue;
      }
      const values = Object.fromEntries(entries);
      const row = template.content.firstElementChild.cloneNode(true);
      row.querySelector("[data-title]").textContent = values["source-title"] || values["paste-url"] || "Without a title";
      row.querySelector("[data-when]").textContent = new Date(at).toLocaleString("en-GB", {
        dateStyle: "long",
        timeStyle: "short",
      });
      row.querySelector("[data-take]").addEventListener("click", () => takeUp(name));
      row.querySelector("[data-drop]").addEventListener("click", () => {
        forget(name);
        row.remove();
        list.hidden = !list.querySelector("li");
        form.elements["paste-url"].focus();
      });
      list.querySelector("ul").append(row);
      list.hidden = false;
    }
  }

  if (form.dataset.fresh) {
    offer();
    sessionStorage.setItem("report", `${KEPT}${user}-${Date.now()}`);
  }
  wake();
  // Who leaves at once, by a link of what may be on record already, finds it again all the same.
  addEventListener("pagehide", keep);
  // Hands may have been faster than this script.
  if (form.dataset.fresh && (form.elements["paste-url"].value || form.elements["paste-pasted"].value)) readPasted();
  // What was drawn anew with what is wrong says again what its cards do.
  if (!form.dataset.fresh) changed();
  const errors = document.getElementById("report-errors");
  if (errors) errors.focus();
})();

/* The desk's forms: Ctrl+S, Ctrl+Enter and "/"; and what was typed is kept until it is saved (pages.md, B). */
(() => {
  const form = document.querySelector("body.change-form #content-main > form[method=post]");
  const user = document.querySelector("#user-tools strong")?.textContent.trim();
  const PREFIX = `nkwatch-draft:${user}:`;
  const SENT = "nkwatch-sent";
  const key = PREFIX + location.pathname;

  /* Keys */

  const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], .select2");

  document.addEventListener("keydown", (event) => {
    const ctrl = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (form && ctrl && (event.key === "s" || event.key === "Enter")) {
      const names = event.key === "s" ? ["_continue", "_save"] : ["_next", "_addanother", "_save"];
      const button = names.map((name) => form.querySelector(`[name=${name}]`)).find(Boolean);
      if (!button) return;
      event.preventDefault();
      button.click();
    } else if (event.key === "/" && !ctrl && !event.altKey && !typing(event.target)) {
      const search = document.getElementById("searchbar") ?? document.getElementById("nav-filter");
      if (!search) return;
      event.preventDefault();
      search.focus();
    }
  });

  document.getElementById("meanwhile-heading")?.focus();

  /* Drafts. Storage may be full or forbidden: the form works without. */

  const quietly = (act) => {
    try {
      return act();
    } catch {
      return null;
    }
  };
  const stored = (name) => quietly(() => JSON.parse(localStorage.getItem(name)));
  const drop = (name) => quietly(() => localStorage.removeItem(name));

  const refused = document.querySelector(".errornote, .errorlist");
  const sent = quietly(() => sessionStorage.getItem(SENT));
  if (sent && user) {
    if (!refused && document.querySelector(".messagelist .success, .messagelist .warning")) drop(sent);
    quietly(() => sessionStorage.removeItem(SENT));
  }
  if (!form || !user) return;

  const skipped = (field) =>
    !field.name || field.name.includes("__prefix__") || /^(csrfmiddlewaretoken|_.*)$/.test(field.name) ||
    ["submit", "button", "file"].includes(field.type);

  /* What the form holds: [name, value, words], the words being what a list shows for the value. */
  const read = () =>
    [...form.elements].filter((field) => !skipped(field)).flatMap((field) => {
      if (field.type === "checkbox" || field.type === "radio") return field.checked ? [[field.name, field.value]] : [];
      if (!field.options) return [[field.name, field.value]];
      const chosen = field.id.endsWith("_to") ? [...field.options] : [...field.selectedOptions];
      return chosen.map((option) => [field.name, option.value, option.text]);
    });
  const same = (some, others) => JSON.stringify(some) === JSON.stringify(others);

  /* Date pickers and lists with a search box build themselves first. */
  const begin = () => {
    const before = read();
    const draft = stored(key);
    let timer;

    const keep = () => {
      const now = read();
      if (same(now, before) && !refused) drop(key);
      else quietly(() => localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: now })));
    };
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(keep, 400);
    };
    const watch = () => {
      form.addEventListener("input", later);
      form.addEventListener("change", later);
      form.addEventListener("formset:added", later);
      form.addEventListener("formset:removed", later);
      window.django?.jQuery?.(form).on("change", "select", later);
      form.addEventListener("submit", () => {
        clearTimeout(timer);
        keep();
        quietly(() => sessionStorage.setItem(SENT, key));
      });
    };

    if (refused) keep();
    else if (draft && !same(draft.fields, before)) offer(draft, before);
    watch();
  };

  const offer = (draft) => {
    const note = document.createElement("p");
    note.className = "kept-draft";
    note.setAttribute("role", "status");
    const when = new Date(draft.at).toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short" });
    note.append(`You typed something here on ${when} and did not save it.`);
    const answer = (words, act) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = words;
      button.addEventListener("click", () => {
        act();
        note.remove();
      });
      note.append(button);
    };
    answer("Put it back", () => putBack(draft.fields));
    answer("Throw it away", () => drop(key));
    form.before(note);
  };

  /* The versions that it was typed over come back too: saving then compares with what others have changed since. */
  const putBack = (fields) => {
    const places = placesOfRows(new Map(fields));
    const row = (name) => name.match(/^.+-\d+-/)?.[0];
    const wanted = new Map();
    for (const [name, ...value] of fields) {
      const place = places.get(row(name));
      if (place?.isNew && /-(id|seen_version)$/.test(name)) continue;
      const here = place ? place.start + name.slice(row(name).length) : name;
      wanted.set(here, [...(wanted.get(here) ?? []), value]);
    }
    const known = new Set([...places.values()].map((place) => place.start));
    for (const field of [...form.elements]) {
      if (skipped(field) || field.name.endsWith("_FORMS")) continue;
      if (!row(field.name) || known.has(row(field.name))) fill(field, wanted.get(field.name) ?? []);
    }
    form.dispatchEvent(new Event("change"));
  };

  /* Where each row of the draft stands now: by its id, or as a new row after those that others have added. */
  const placesOfRows = (draft) => {
    const places = new Map();
    for (const name of [...draft.keys()].filter((name) => name.endsWith("-INITIAL_FORMS"))) {
      const prefix = name.slice(0, -"-INITIAL_FORMS".length);
      const ask = (rest) => form.elements[`${prefix}-${rest}`]?.value;
      const stored = Number(ask("INITIAL_FORMS") ?? 0);
      const numberOf = new Map([...Array(stored).keys()].map((number) => [ask(`${number}-id`), number]));
      let next = stored;
      for (let number = 0; number < Number(draft.get(`${prefix}-TOTAL_FORMS`)); number += 1) {
        const known = numberOf.get(draft.get(`${prefix}-${number}-id`));
        const place = known ?? next++;
        places.set(`${prefix}-${number}-`, { start: `${prefix}-${place}-`, isNew: known === undefined });
      }
      const more = document.querySelector(`#${prefix}-group .add-row a`);
      while (more && Number(ask("TOTAL_FORMS")) < next) more.click();
    }
    return places;
  };

  const fill = (field, values) => {
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = values.some(([value]) => value === field.value);
    } else if (field.id.endsWith("_to") && window.SelectBox) {
      moveInto(field, values);
    } else if (field.options) {
      for (const [value, words] of values)
        if (![...field.options].some((option) => option.value === value)) field.add(new Option(words, value));
      for (const option of field.options) option.selected = values.some(([value]) => value === option.value);
      window.django?.jQuery?.(field).trigger("change");
    } else if (values.length) {
      [[field.value]] = values;
    }
  };

  const moveInto = (to, values) => {
    const from = document.getElementById(to.id.replace(/_to$/, "_from"));
    const choose = (list, right) => {
      for (const option of list.options) option.selected = values.some(([value]) => value === option.value) === right;
    };
    choose(to, false);
    window.SelectBox.move(to.id, from.id);
    choose(from, true);
    window.SelectBox.move(from.id, to.id);
  };

  if (document.readyState === "complete") begin();
  else window.addEventListener("load", begin);
})();

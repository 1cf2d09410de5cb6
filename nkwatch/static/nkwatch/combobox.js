/*
 * Boxes that offer what may be meant while a name is typed: the combobox of the WAI-ARIA practices, with a list.
 * An input with data-reference (the kind of record) below an element with data-names (the address that is asked).
 * With data-new, the last line offers to make a new record: the input then fires “new-record” with the kind.
 */
(() => {
  const PAUSE = 150;
  let number = 0;

  function enhance(input) {
    const list = document.createElement("ul");
    list.id = `combobox-${(number += 1)}`;
    list.className = "combobox-list";
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Records that fit");
    list.hidden = true;
    input.after(list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-expanded", "false");
    input.setAttribute("aria-controls", list.id);
    input.autocomplete = "off";
    let active = -1;
    let timer = 0;
    let asked = 0;

    function close() {
      clearTimeout(timer);
      asked += 1;
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function mark(place) {
      const options = [...list.children];
      active = (place + options.length) % options.length;
      options.forEach((option, index) => option.setAttribute("aria-selected", String(index === active)));
      input.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    }

    function choose(option) {
      close();
      if (option.dataset.newKind) {
        input.dispatchEvent(new CustomEvent("new-record", { bubbles: true, detail: { kind: option.dataset.newKind } }));
        return;
      }
      input.value = option.dataset.value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
      close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }

    function line(text, hint) {
      const option = document.createElement("li");
      option.id = `${list.id}-${list.children.length}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.append(text);
      if (hint) {
        const small = document.createElement("small");
        small.textContent = hint;
        option.append(" ", small);
      }
      option.addEventListener("mousedown", (event) => event.preventDefault());
      option.addEventListener("click", () => choose(option));
      list.append(option);
      return option;
    }

    function show(found, words) {
      list.replaceChildren();
      for (const one of found) line(one.value, one.hint).dataset.value = one.value;
      if (input.dataset.new) {
        line(`New ${input.dataset.reference}: “${words}”`).dataset.newKind = input.dataset.new;
      }
      list.hidden = !list.children.length;
      input.setAttribute("aria-expanded", String(!list.hidden));
      if (!list.hidden) mark(0);
    }

    async function ask() {
      const words = input.value.trim();
      const turn = (asked += 1);
      if (!words) return close();
      const address = input.closest("[data-names]").dataset.names;
      const query = new URLSearchParams({ kind: input.dataset.reference, q: words });
      try {
        const answer = await fetch(`${address}?${query}`, { credentials: "same-origin" });
        const { found } = await answer.json();
        if (turn === asked && document.activeElement === input) show(found, words);
      } catch {
        close();
      }
      return undefined;
    }

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    input.addEventListener("blur", close);
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (list.hidden) ask();
        else mark(active + (event.key === "ArrowDown" ? 1 : -1));
      } else if (event.key === "Enter" && !list.hidden) {
        event.preventDefault();
        choose(list.children[active]);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        event.stopPropagation();
        close();
      }
    });
  }

  document.addEventListener("focusin", ({ target }) => {
    if (target.dataset && target.dataset.reference && !target.hasAttribute("role")) enhance(target);
  });
})();

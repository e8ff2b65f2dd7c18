(function () {
  "use strict";
  var all = function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); };
  var cards = all("details.check[data-s]");

  // A link to a check opens it.
  function reveal() {
    var id = decodeURIComponent(location.hash.slice(1));
    var target = id && document.getElementById(id);
    for (var box = target; box; box = box.parentElement) {
      if (box.tagName === "DETAILS") { box.open = true; }
      box.hidden = false;
    }
    if (target) { target.scrollIntoView(); }
  }
  addEventListener("hashchange", reveal);

  all("button.toggle").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var open = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(open));
      button.textContent = open ? "Close all" : "Open all";
      all("#findings > details").forEach(function (box) { box.open = open; });
    });
  });

  if (navigator.clipboard) {
    all("button.copy").forEach(function (button) {
      button.hidden = false;
      button.addEventListener("click", function () {
        navigator.clipboard.writeText(button.previousElementSibling.textContent).then(
          function () { button.textContent = "Copied"; },
          function () { button.textContent = "Not copied"; }
        );
      });
    });
  }

  // The filter. `s:`, `skill:`, `tier:` and `level:` take the start of a word; all else is looked for in the heading.
  var form = document.querySelector(".filter");
  var field = document.getElementById("filter");
  function fits(card, terms) {
    var heading = (card.dataset.id + " " + card.querySelector("summary").textContent).toLowerCase();
    return terms.every(function (term) {
      var pair = /^(s|skill|tier|level):(.*)$/.exec(term);
      return pair ? (card.dataset[pair[1]] || "").indexOf(pair[2]) === 0 : heading.indexOf(term) >= 0;
    });
  }
  function filter() {
    var terms = field.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
    cards.forEach(function (card) {
      card.hidden = !fits(card, terms);
      shown += card.hidden ? 0 : 1;
    });
    all("tr[data-for]").forEach(function (row) {
      var card = document.getElementById(row.dataset.for);
      row.hidden = card.matches("details") ? card.hidden : terms.length > 0;
    });
    form.querySelector("output").textContent = terms.length ? shown + " of " + cards.length : "";
    var query = new URLSearchParams(location.search);
    if (terms.length) { query.set("q", terms.join(" ")); } else { query.delete("q"); }
    var text = query.toString();
    try { history.replaceState(null, "", location.pathname + (text ? "?" + text : "") + location.hash); } catch (error) { /* a page without an address */ }
  }
  if (form) {
    form.hidden = false;
    field.value = new URLSearchParams(location.search).get("q") || "";
    field.addEventListener("input", filter);
    if (field.value) { filter(); }
  }
  if (location.hash) { reveal(); }

  // Keys, which can be turned off (WCAG 2.1, 2.1.4).
  var dialog = document.getElementById("keys"), keys = true;
  function step(by) {
    var seen = cards.filter(function (card) { return !card.hidden; });
    var here = seen.findIndex(function (card) { return card.contains(document.activeElement); });
    var next = seen[here < 0 ? (by > 0 ? 0 : seen.length - 1) : here + by];
    if (next) { next.querySelector("summary").focus(); next.scrollIntoView({ block: "nearest" }); }
  }
  var does = {
    j: function () { step(1); },
    k: function () { step(-1); },
    f: function () { field.value = field.value === "s:fail" ? "" : "s:fail"; filter(); },
    "/": function () { field.focus(); field.scrollIntoView({ block: "nearest" }); },
    "?": function () { dialog.showModal(); }
  };
  if (form && dialog && dialog.showModal) {
    addEventListener("keydown", function (event) {
      var busy = event.ctrlKey || event.metaKey || event.altKey || dialog.open || /^(INPUT|TEXTAREA)$/.test(event.target.tagName);
      if (keys && !busy && Object.prototype.hasOwnProperty.call(does, event.key)) { event.preventDefault(); does[event.key](); }
    });
    form.querySelector("button.keys").addEventListener("click", does["?"]);
    dialog.querySelector("button.close").addEventListener("click", function () { dialog.close(); });
    dialog.querySelector("button.off").addEventListener("click", function (event) {
      keys = !keys;
      event.target.textContent = keys ? "Turn the keys off" : "Turn the keys on";
    });
  }

  // Paper has no clicks: what a reader needs is opened, and closed again afterwards.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = all("details[data-print]:not([open])");
    opened.forEach(function (box) { box.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (box) { box.open = false; });
    opened = [];
  });
})();

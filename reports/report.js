(function () {
  "use strict";
  var all = function (selector) { return Array.prototype.slice.call(document.querySelectorAll(selector)); };

  // A link to a check opens it.
  function reveal() {
    var id = decodeURIComponent(location.hash.slice(1));
    var target = id && document.getElementById(id);
    for (var box = target; box; box = box.parentElement) {
      if (box.tagName === "DETAILS") { box.open = true; }
    }
    if (target) { target.scrollIntoView(); }
  }
  addEventListener("hashchange", reveal);
  if (location.hash) { reveal(); }

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

  // Paper has no clicks: what a reader needs is opened, and closed again afterwards.
  var opened = [];
  addEventListener("beforeprint", function () {
    opened = all("details[data-print]:not([open]), details[data-print] details:not([open])");
    opened.forEach(function (box) { box.open = true; });
  });
  addEventListener("afterprint", function () {
    opened.forEach(function (box) { box.open = false; });
    opened = [];
  });
})();

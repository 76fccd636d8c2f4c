// Puts a form of ours into a page of another site, where the tag stands:
//   <script src="https://our.host/static/form.js" data-form="guide" async></script>
// No cookie, no storage, nothing is read of the page but its address and the campaign that it names.
"use strict";

(() => {
  const tag = document.currentScript;
  if (!tag || !tag.dataset.form) return;
  const ours = new URL(tag.src).origin;
  const source = new URL(`/f/${encodeURIComponent(tag.dataset.form)}`, ours);
  source.searchParams.set("framed", "1");
  source.searchParams.set("shown_on", location.origin + location.pathname);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (/^(utm_(source|medium|campaign|term|content)|campaign)$/.test(name)) source.searchParams.set(name, value);
  }
  for (const name of ["campaign", "lang", "next"]) {
    if (tag.dataset[name]) source.searchParams.set(name, tag.dataset[name]);
  }
  const frame = document.createElement("iframe");
  frame.src = source.href;
  frame.title = tag.dataset.title || "Form";
  frame.loading = "lazy";
  frame.style.cssText = "border:0;width:100%;height:40rem;color-scheme:normal";
  window.addEventListener("message", (message) => {
    const said = message.data;
    if (message.origin !== ours || message.source !== frame.contentWindow || !said || !said.leadloom) return;
    if (said.height > 0 && said.height < 10000) frame.style.height = `${said.height + 8}px`;
  });
  tag.after(frame);
})();

/* Starts the slides of an exported file, where it is the only script beside reveal.js. */
(async () => {
  const root = document.documentElement;
  /** From what it should be to what can still be read, in pixels of a slide of 1280 by 720. */
  const LETTERS = [24, 22, 20, 18, 16, 14];

  if (new URLSearchParams(location.search).get('view') === 'print') {
    // On paper, charts have the colours of paper.
    document.querySelectorAll('picture > source').forEach(source => source.remove());
  }

  // All at once and before reveal.js hides them, because on paper nobody turns to a slide. Pictures count as they are.
  await Promise.all([...document.images].map(image => image.decode().catch(() => undefined)));
  root.classList.add('measuring');
  for (const content of document.querySelectorAll('.slides .content')) {
    const room = parseFloat(getComputedStyle(content).maxHeight);
    for (const size of LETTERS) {
      content.style.fontSize = `${size}px`;
      if (content.scrollHeight <= room) {
        break;
      }
    }
  }
  root.classList.remove('measuring');

  await Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0.04,
    center: false,
    transition: 'none',
    slideNumber: 'c/t',
    hash: true,
    respondToHashChanges: true,
    history: false,
    // Nobody outside of the file steers it: reveal.js would take any call by `postMessage`.
    postMessage: false,
    postMessageEvents: false
  });
  // The notes in a window of their own, as elsewhere, would need a script that the file's policy does not let run.
  Reveal.addKeyBinding({ keyCode: 83, key: 'S', description: 'Notes of the speaker' }, () => {
    Reveal.configure({ showNotes: !Reveal.getConfig().showNotes });
    // The slides have less room beside them.
    Reveal.layout();
  });
})();

// The room is in the address of both pages: …/stage.html?room=friday-42
const page = new URL(location.href);
if (!page.searchParams.get('room')) {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  page.searchParams.set('room', `friday-${number.toString(36)}`);
  history.replaceState(null, '', page);
}
const room = page.searchParams.get('room');

// Those who try the media servers of docs/media-servers.md can name them in the address, too.
const call = document.querySelector('rtc-call');
call.setAttribute('room', room);
for (const name of ['name', 'whip', 'whep', 'token']) {
  if (page.searchParams.has(name)) {
    call.setAttribute(name, page.searchParams.get(name));
  }
}

/** The address of the other page, for the same room. */
function linkTo(file) {
  const link = new URL(file, page);
  link.searchParams.set('room', room);
  return link.href;
}

document.getElementById('stage')?.setAttribute('href', linkTo('stage.html'));

const link = document.getElementById('link');
if (link) {
  link.value = linkTo('watch.html');
  document.getElementById('open').href = link.value;
  const copy = document.getElementById('copy');
  copy.addEventListener('click', async () => {
    link.select();
    try {
      await navigator.clipboard.writeText(link.value);
    } catch {
      document.execCommand('copy');
    }
    copy.textContent = 'Copied';
    setTimeout(() => (copy.textContent = 'Copy'), 2000);
  });
  const quoted = room.replaceAll('"', '&quot;');
  document.getElementById('code').textContent = [
    '<script src="rtc-elements.js"></script>',
    `<rtc-call room="${quoted}" mode="broadcast"></rtc-call>`,
    '',
    '<script src="rtc-elements.js"></script>',
    `<rtc-call room="${quoted}" mode="watch" poster="poster.jpg"></rtc-call>`,
    '',
  ].join('\n');
}

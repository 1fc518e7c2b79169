// The room is in the address of the page: …/index.html?room=blue-lake-42
const page = new URL(location.href);

function newRoom() {
  const words = ['amber', 'blue', 'coral', 'green', 'ivory', 'olive', 'pearl', 'ruby', 'silver'];
  const places = ['bay', 'field', 'forest', 'garden', 'harbor', 'hill', 'island', 'lake', 'river'];
  const [a, b, ...rest] = crypto.getRandomValues(new Uint16Array(4));
  const number = rest.map((part) => part.toString(36)).join('');
  return `${words[a % words.length]}-${places[b % places.length]}-${number}`;
}

if (!page.searchParams.get('room')) {
  page.searchParams.set('room', newRoom());
  history.replaceState(null, '', page);
}
const room = page.searchParams.get('room');

const call = document.getElementById('call');
call.setAttribute('room', room);
call.setAttribute('name', page.searchParams.get('name') ?? '');

const link = document.getElementById('link');
const others = new URL(page);
others.searchParams.delete('name');
link.value = others.href;
document.getElementById('open').href = others.href;

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

document.getElementById('code').textContent = [
  '<script src="rtc-elements.js"></script>',
  `<rtc-call room="${room.replaceAll('"', '&quot;')}" broker="${call.getAttribute('broker')}"></rtc-call>`,
].join('\n');

// Shows what is pushed while no page of Snug is open, and leads to it. It keeps nothing and stands between the page and the
// server in nothing: there is no handler of `fetch`, and none of the page's files goes through here.

// No page depends on which of them is there: a newer one need not wait for the old one's pages.
self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('push', (event) => event.waitUntil(show(event.data)));

self.addEventListener('notificationclick', (event) => event.waitUntil(open(event.notification)));

self.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil(renew(event.oldSubscription, event.newSubscription));
});

/** A browser wants something to be seen for each push, even for one that cannot be read. */
async function show(data) {
  let said = null;
  try {
    said = data.json();
  } catch {
    // None, or not ours.
  }
  if (!said?.room) return self.registration.showNotification('Snug');
  const zh = navigator.language.startsWith('zh');
  // Only the lobby has this name; the page translates it too (frontend/src/i18n/zh.rs).
  const room = zh && said.roomName === 'lobby' ? '大厅' : isolated(said.roomName);
  const where = said.direct ? '' : ` ${zh ? '在' : 'in'} #${room}`;
  await self.registration.showNotification(`${isolated(said.name)}${where}`, {
    body: said.text,
    // The newest of a room takes the place of the one before, and is heard.
    tag: said.room,
    renotify: true,
    data: { url: said.url, n: said.n },
  });
}

/** A name that is written from right to left turns nothing around it (frontend/src/i18n/isolate.rs). */
function isolated(name) {
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]/.test(name) ? `\u2068${name}\u2069` : name;
}

/** A page that is open goes to the room; otherwise one is opened there. */
async function open(notification) {
  notification.close();
  const url = new URL(notification.data?.url ?? './', self.location);
  // Whatever a payload says, it leads nowhere else.
  if (url.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((it) => it.visibilityState === 'visible') ?? pages[0];
  if (!page) {
    await self.clients.openWindow(url);
    return;
  }
  page.postMessage({ go: url.pathname });
  // A browser may not let it come to the front.
  await page.focus().catch(() => {});
}

/** The browser has given this subscription up, or made another one. */
async function renew(before, now) {
  if (!now) {
    const { key } = await (await fetch('api/push/key')).json();
    now = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const push = { ...now.toJSON(), zone, replaces: before?.endpoint };
  await fetch('api/push', { method: 'POST', body: JSON.stringify(push) });
}

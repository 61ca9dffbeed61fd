// Shows push messages as notifications, and opens the room on a click. It stores nothing and does not intercept requests: there
// is no handler for `fetch`, so the page's files are not loaded through this worker.

// Activates a new version at once: no page depends on the version of this worker.
self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('push', (event) => event.waitUntil(show(event.data)));

self.addEventListener('notificationclick', (event) => event.waitUntil(open(event.notification)));

self.addEventListener('pushsubscriptionchange', (event) => {
  event.waitUntil(renew(event.oldSubscription, event.newSubscription));
});

/** Shows a notification. Browsers require one for each push, even for one that cannot be read. */
async function show(data) {
  let said = null;
  try {
    said = data.json();
  } catch {
    // No data, or not from Snug.
  }
  if (!said?.room) return self.registration.showNotification('Snug');
  const zh = navigator.language.startsWith('zh');
  // Only the lobby has this name; the page translates it too (frontend/src/i18n/zh.rs).
  const room = zh && said.roomName === 'lobby' ? '大厅' : isolated(said.roomName);
  const where = said.direct ? '' : ` ${zh ? '在' : 'in'} #${room}`;
  await self.registration.showNotification(`${isolated(said.name)}${where}`, {
    body: said.text,
    // Replaces the room's previous notification, and alerts the user again.
    tag: said.room,
    renotify: true,
    data: { url: said.url, n: said.n },
  });
}

/** Isolates a right-to-left name from the text around it (frontend/src/i18n/isolate.rs). */
function isolated(name) {
  return /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe]/.test(name) ? `\u2068${name}\u2069` : name;
}

/** Shows the room in an open page, or opens a page if there is none. */
async function open(notification) {
  notification.close();
  const url = new URL(notification.data?.url ?? './', self.location);
  // Ignores addresses of other origins.
  if (url.origin !== self.location.origin) return;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((it) => it.visibilityState === 'visible') ?? pages[0];
  if (!page) {
    await self.clients.openWindow(url);
    return;
  }
  page.postMessage({ go: url.pathname });
  // The browser may refuse to focus the page.
  await page.focus().catch(() => {});
}

/** Registers the new subscription, or creates one, after the browser has dropped the old one. */
async function renew(before, now) {
  if (!now) {
    const { key } = await (await fetch('api/push/key')).json();
    now = await self.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const push = { ...now.toJSON(), zone, replaces: before?.endpoint };
  await fetch('api/push', { method: 'POST', body: JSON.stringify(push) });
}

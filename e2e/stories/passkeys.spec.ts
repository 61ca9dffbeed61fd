// At `localhost`: browsers have no passkeys at an address, which has no name.

import type { CDPSession, Page } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Server } from '../fixtures.ts';
import { PASSWORD, composer, found, online, password, settings, turnTo } from '../people.ts';

const local = (address: string) => address.replace('127.0.0.1', 'localhost');

/** Ann, the owner, at the server's host name. */
function ann(browser: Parameters<typeof found>[0], server: Server): Promise<Page> {
  return found(browser, { url: local(server.url), ownerLink: server.ownerLink.then(local) }, 'Ann');
}

/** A device that keeps passkeys, with somebody before it who says yes. */
class Device {
  private constructor(
    private readonly devtools: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  static async of(page: Page): Promise<Device> {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const options = {
      protocol: 'ctap2' as const,
      transport: 'internal' as const,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    };
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
    return new Device(devtools, authenticatorId);
  }

  /** Whether somebody is there: without them it waits. */
  async present(enabled: boolean): Promise<void> {
    const { devtools, authenticatorId } = this;
    await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  }

  async forget(): Promise<void> {
    await this.devtools.send('WebAuthn.clearCredentials', { authenticatorId: this.authenticatorId });
  }
}

const add = (page: Page) => page.getByRole('button', { name: 'Add passkey' });
const passkey = (page: Page) => page.getByRole('button', { name: 'Sign in with a passkey' });
const passkeys = (page: Page) => page.getByRole('region', { name: 'Passkeys' }).getByRole('listitem');

/** Asks for one, and says who one is. */
async function begin(page: Page): Promise<void> {
  await add(page).click();
  await expect(password(page)).toBeFocused();
  await password(page).fill(PASSWORD);
  await page.keyboard.press('Enter');
}

async function addPasskey(page: Page): Promise<void> {
  await settings({ page }, 'Security');
  await begin(page);
  await expect(passkeys(page)).toHaveCount(1);
}

/** To where one signs in, signed out. */
async function signOut(page: Page): Promise<void> {
  await turnTo(page.getByRole('dialog'), 'Account');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

for (const helped of [true, false]) {
  const how = helped ? 'with the browser\'s JSON' : 'in a browser that has no JSON for it';
  test(`a passkey is added and signs in without a word, ${how}`, async ({ browser, server }) => {
    const page = await ann(browser, server);
    await page.addInitScript((helped) => {
      // What the browser offers at the field has a story of its own, and would be sooner than the button here.
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
      if (helped) return;
      Reflect.deleteProperty(PublicKeyCredential, 'parseCreationOptionsFromJSON');
      Reflect.deleteProperty(PublicKeyCredential, 'parseRequestOptionsFromJSON');
      Reflect.deleteProperty(PublicKeyCredential.prototype, 'toJSON');
    }, helped);
    await page.reload();
    await composer(page).waitFor();
    await Device.of(page);
    await addPasskey(page);
    await expect(add(page)).toBeEnabled();
    await expect(passkeys(page)).toContainText(/Chrome · Linux.*Added/);
    await signOut(page);
    await passkey(page).click();
    await composer(page).waitFor();
    await expect(online(page)).toContainText('Ann');
    await settings({ page }, 'Security');
    await expect(passkeys(page)).toContainText('last used');
    await page.context().close();
  });
}

test('a passkey that the browser offers at the field for the name signs in without a button', async ({ browser, server }) => {
  const page = await ann(browser, server);
  await Device.of(page);
  await addPasskey(page);
  // Whoever is before this device chooses what it offers at once.
  await signOut(page);
  await composer(page).waitFor();
  await expect(online(page)).toContainText('Ann');
  await page.context().close();
});

test('a removed passkey signs nobody in any more, and each refusal is told', async ({ browser, server }) => {
  const page = await ann(browser, server);
  const device = await Device.of(page);
  await addPasskey(page);
  await begin(page);
  await expect(page.getByRole('alert').filter({ hasText: 'already has a passkey' })).toBeVisible();

  await passkeys(page).getByRole('button', { name: /^Remove passkey/ }).click();
  const keep = page.getByRole('button', { name: 'Cancel' });
  await expect(keep).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Remove passkey/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(passkeys(page)).toHaveCount(0);
  await expect(add(page)).toBeFocused();

  await device.present(false);
  await signOut(page);
  await device.present(true);
  await passkey(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'This passkey isn’t linked to an account here' })).toBeVisible();
  await device.forget();
  await passkey(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Passkey sign-in was cancelled' })).toBeVisible();
  // The other way in is still there.
  await page.getByRole('textbox', { name: 'Display name' }).fill('Ann');
  await password(page).fill('correct horse');
  await page.keyboard.press('Enter');
  await composer(page).waitFor();
  await page.context().close();
});

test('at an address without a name there are no passkeys, and one is told why', async ({ browser, server }) => {
  const page = await found(browser, server, 'Ann');
  const dialog = await settings({ page }, 'Security');
  await expect(dialog.getByText('Passkeys need HTTPS and a domain name')).toBeVisible();
  await expect(add(page)).toHaveCount(0);
  await signOut(page);
  await expect(page.getByRole('textbox', { name: 'Display name' })).toBeVisible();
  await expect(passkey(page)).toHaveCount(0);
  await page.context().close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing about passkeys, ${colorScheme}`, async ({ browser, server }) => {
    const page = await ann(browser, server);
    await page.emulateMedia({ colorScheme });
    const device = await Device.of(page);
    await addPasskey(page);
    await noViolations(page);
    await passkeys(page).getByRole('button', { name: /^Remove passkey/ }).click();
    await noViolations(page);
    await device.present(false);
    await signOut(page);
    await expect(passkey(page)).toBeVisible();
    await noViolations(page);
    await page.context().close();
  });
}

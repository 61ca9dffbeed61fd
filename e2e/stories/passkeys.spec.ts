// These tests use `localhost`, because browsers do not support passkeys for IP addresses.

import type { CDPSession, Page } from '@playwright/test';
import { noViolations } from '../axe.ts';
import { expect, test, type Server } from '../fixtures.ts';
import { PASSWORD, composer, createOwner, onlineList, password, openSettings, openSection } from '../people.ts';

const local = (address: string) => address.replace('127.0.0.1', 'localhost');

/** Creates the owner Ann, at the server's host name. */
function createAnn(browser: Parameters<typeof createOwner>[0], server: Server): Promise<Page> {
  return createOwner(browser, { url: local(server.url), ownerLink: server.ownerLink.then(local) }, 'Ann');
}

/** A virtual authenticator that stores passkeys and whose user confirms each request. */
class Authenticator {
  private constructor(
    private readonly devtools: CDPSession,
    private readonly authenticatorId: string,
  ) {}

  static async of(page: Page): Promise<Authenticator> {
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
    return new Authenticator(devtools, authenticatorId);
  }

  /** Sets whether the user is present. Without the user the authenticator waits. */
  async setUserPresent(enabled: boolean): Promise<void> {
    const { devtools, authenticatorId } = this;
    await devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
  }

  async clearCredentials(): Promise<void> {
    await this.devtools.send('WebAuthn.clearCredentials', { authenticatorId: this.authenticatorId });
  }
}

const addButton = (page: Page) => page.getByRole('button', { name: 'Add passkey' });
const passkeyButton = (page: Page) => page.getByRole('button', { name: 'Sign in with a passkey' });
const passkeys = (page: Page) => page.getByRole('region', { name: 'Passkeys' }).getByRole('listitem');

/** Starts adding a passkey and confirms with the password. */
async function startAddingPasskey(page: Page): Promise<void> {
  await addButton(page).click();
  await expect(password(page)).toBeFocused();
  await password(page).fill(PASSWORD);
  await page.keyboard.press('Enter');
}

async function addPasskey(page: Page): Promise<void> {
  await openSettings({ page }, 'Security');
  await startAddingPasskey(page);
  await expect(passkeys(page)).toHaveCount(1);
}

/** Signs out and opens the sign-in form. */
async function signOut(page: Page): Promise<void> {
  await openSection(page.getByRole('dialog'), 'Account');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

for (const hasJson of [true, false]) {
  const how = hasJson ? 'with the browser\'s JSON' : 'in a browser that has no JSON for it';
  test(`a user adds a passkey and signs in with it alone, ${how}`, async ({ browser, server }) => {
    const page = await createAnn(browser, server);
    await page.addInitScript((hasJson) => {
      // Passkey autofill has its own test. Here it would sign in before the button is clicked.
      PublicKeyCredential.isConditionalMediationAvailable = () => Promise.resolve(false);
      if (hasJson) return;
      Reflect.deleteProperty(PublicKeyCredential, 'parseCreationOptionsFromJSON');
      Reflect.deleteProperty(PublicKeyCredential, 'parseRequestOptionsFromJSON');
      Reflect.deleteProperty(PublicKeyCredential.prototype, 'toJSON');
    }, hasJson);
    await page.reload();
    await composer(page).waitFor();
    await Authenticator.of(page);
    await addPasskey(page);
    await expect(addButton(page)).toBeEnabled();
    await expect(passkeys(page)).toContainText(/Chrome · Linux.*Added/);
    await signOut(page);
    await passkeyButton(page).click();
    await composer(page).waitFor();
    await expect(onlineList(page)).toContainText('Ann');
    await openSettings({ page }, 'Security');
    await expect(passkeys(page)).toContainText('last used');
    await page.context().close();
  });
}

test('a passkey that the browser offers in the name field signs in without a button', async ({ browser, server }) => {
  const page = await createAnn(browser, server);
  await Authenticator.of(page);
  await addPasskey(page);
  // The virtual authenticator accepts the browser's offer at once.
  await signOut(page);
  await composer(page).waitFor();
  await expect(onlineList(page)).toContainText('Ann');
  await page.context().close();
});

test('a removed passkey no longer signs in, and each failure shows a message', async ({ browser, server }) => {
  const page = await createAnn(browser, server);
  const authenticator = await Authenticator.of(page);
  await addPasskey(page);
  await startAddingPasskey(page);
  await expect(page.getByRole('alert').filter({ hasText: 'already has a passkey' })).toBeVisible();

  await passkeys(page).getByRole('button', { name: /^Remove passkey/ }).click();
  const cancel = page.getByRole('button', { name: 'Cancel' });
  await expect(cancel).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Remove passkey/ })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(passkeys(page)).toHaveCount(0);
  await expect(addButton(page)).toBeFocused();

  await authenticator.setUserPresent(false);
  await signOut(page);
  await authenticator.setUserPresent(true);
  await passkeyButton(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'This passkey isn’t linked to an account here' })).toBeVisible();
  await authenticator.clearCredentials();
  await passkeyButton(page).click();
  await expect(page.getByRole('alert').filter({ hasText: 'Passkey sign-in was cancelled' })).toBeVisible();
  // The password still works.
  await page.getByRole('textbox', { name: 'Display name' }).fill('Ann');
  await password(page).fill('correct horse');
  await page.keyboard.press('Enter');
  await composer(page).waitFor();
  await page.context().close();
});

test('at an IP address passkeys are unavailable, and the settings explain why', async ({ browser, server }) => {
  const page = await createOwner(browser, server, 'Ann');
  const dialog = await openSettings({ page }, 'Security');
  await expect(dialog.getByText('Passkeys need HTTPS and a domain name')).toBeVisible();
  await expect(addButton(page)).toHaveCount(0);
  await signOut(page);
  await expect(page.getByRole('textbox', { name: 'Display name' })).toBeVisible();
  await expect(passkeyButton(page)).toHaveCount(0);
  await page.context().close();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds no violations in the passkey forms, ${colorScheme}`, async ({ browser, server }) => {
    const page = await createAnn(browser, server);
    await page.emulateMedia({ colorScheme });
    const authenticator = await Authenticator.of(page);
    await addPasskey(page);
    await noViolations(page);
    await passkeys(page).getByRole('button', { name: /^Remove passkey/ }).click();
    await noViolations(page);
    await authenticator.setUserPresent(false);
    await signOut(page);
    await expect(passkeyButton(page)).toBeVisible();
    await noViolations(page);
    await page.context().close();
  });
}

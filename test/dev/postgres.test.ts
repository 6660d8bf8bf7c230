import { testDatabase } from '../support/database.ts';

it('x', async () => {
  const d = await testDatabase({ migrated: false });
  expect(d.ownerUrl).toMatch(/postgres/);
  await d.drop();
});

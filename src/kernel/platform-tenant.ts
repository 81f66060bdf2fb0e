/** The tenant of the platform's operators. Made by the first migration; it cannot be deleted. */
export const PLATFORM_TENANT_ID = '00000000-0000-7000-8000-000000000001';

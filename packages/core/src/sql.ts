/** Stores in the application's own SQL database. */
export {
  type TransactionalStoreOptions,
  type TransactionWork,
  transactionalStore,
} from './webhooks/transactional-store.js';

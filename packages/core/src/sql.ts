/** Stores in the application's own SQL database. */
export {
  type PostgresClient,
  type SqliteClient,
  type SqlQuery,
  type SqlQueryOptions,
  type SqlStoreOptions,
  sqlStore,
} from './webhooks/sql-store.js';
export {
  type TransactionalStoreOptions,
  type TransactionWork,
  transactionalStore,
} from './webhooks/transactional-store.js';

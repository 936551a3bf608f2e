//! Sans-IO orchestration of proxy sessions and transactions.

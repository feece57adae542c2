"""The wire: `penumbra.proto` and what grpcio-tools makes of it (`make proto`). Nothing else lives here."""

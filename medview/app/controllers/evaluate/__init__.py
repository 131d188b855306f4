"""Compare what models found with a reference, for `medview evaluate`; knows no Qt."""

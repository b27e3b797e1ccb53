public import MLOpsCore

extension Fixtures {
    /// The keys of a store in tests: a pepper `p1` and an encryption key `k1`.
    ///
    /// They are the same in every run, and not secret.
    public static let keys = StoreKeys(
        peppers: try? KeyRing(
            parsing: "p1=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", name: "Fixtures.keys"),
        encryption: try? KeyRing(
            parsing: "k1=ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=", name: "Fixtures.keys"))
}

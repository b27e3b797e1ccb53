extension SQLRepository: UserRepository where Record == User {
    func withEmail(_ email: String) throws -> User? {
        let address = EmailAddress.normalized(email)
        return try first { $0.email == address }
    }
}

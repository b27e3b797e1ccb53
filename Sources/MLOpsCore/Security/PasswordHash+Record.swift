import Crypto
import Foundation

extension PasswordHash {
    /// A stored hash, as a PHC string.
    ///
    /// The format is `github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md`.
    struct Record: Sendable {
        let parameters: Parameters
        let salt: [UInt8]
        let key: SymmetricKey

        /// The size of a new hash, in bytes.
        static let keySize = 32
        private static let saltSize = 16

        init(parameters: Parameters, salt: [UInt8], key: SymmetricKey) {
            self.parameters = parameters
            self.salt = salt
            self.key = key
        }

        /// A hash that matches no password, for the work of a check without a stored hash.
        static func dummy(_ parameters: Parameters) -> Record {
            let salt = [UInt8](repeating: 0, count: saltSize)
            return Record(
                parameters: parameters, salt: salt,
                key: SymmetricKey(data: Data(count: keySize)))
        }

        init(parsing text: String) throws {
            let corrupt = StoreError(
                .corrupt, "A stored password hash is not in the form that the library writes.",
                entity: User.entityName, field: "password_hash")
            let parts = text.split(separator: "$", omittingEmptySubsequences: false)
            guard parts.count == 5, let salt = UnpaddedBase64.standard.decode(parts[3]),
                let key = UnpaddedBase64.standard.decode(parts[4]),
                (8...64).contains(salt.count), (16...64).contains(key.count)
            else { throw corrupt }
            let numbers = parts[2].split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }
            guard numbers.count == 3 else { throw corrupt }
            self.init(
                parameters: Parameters(ln: numbers[0], r: numbers[1], p: numbers[2]),
                salt: salt, key: SymmetricKey(data: key))
            // A hash has exactly one valid text: writing it again must give the same text.
            guard parameters.areWithinBounds, text == self.text else { throw corrupt }
        }

        var text: String {
            let base64 = UnpaddedBase64.standard
            return "$scrypt$ln=\(parameters.ln),r=\(parameters.r),p=\(parameters.p)"
                + "$\(base64.encode(salt))$\(key.withUnsafeBytes { base64.encode($0) })"
        }

        func isOutdated(by current: Parameters) -> Bool {
            parameters != current || salt.count < Self.saltSize || key.byteCount < Self.keySize
        }
    }
}

extension SymmetricKey {
    var byteCount: Int { bitCount / 8 }
}

/// What went wrong in the store, in a form that both a program and a person can act on.
///
/// It never carries a secret, nor a stored value but the figures of a promotion, and it is the same
/// on every backend for the same mistake.
public struct StoreError: Error, Sendable, Hashable {
    /// The kind of an error.
    ///
    /// Open: later versions add codes, so a `switch` needs a `default`.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The stable name of the code.
        public let rawValue: String

        /// Wraps a name.
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// The kind of the error.
    public let code: Code

    /// What happened and what to do about it, in whole sentences.
    public let message: String

    /// The entity concerned, such as `model version`.
    public let entity: String?

    /// The constraint, index or field concerned, such as `projects_organization_id_slug_key`.
    public let field: String?

    /// What the gates of a stage have said, with ``Code/promotionRefused``.
    public package(set) var promotion: PromotionReport?

    /// Whether the database reported it: the library itself found nothing wrong with the call.
    ///
    /// The same call may succeed later. A database reports a broken rule also when it is out of
    /// memory in a CHECK.
    public package(set) var isReported = false

    /// Makes an error.
    public init(_ code: Code, _ message: String, entity: String? = nil, field: String? = nil) {
        self.code = code
        self.message = message
        self.entity = entity
        self.field = field
    }
}

extension StoreError {
    package static let storeIsClosed = StoreError(.closed, "The store is closed; open it again.")

    package static let noConnection = StoreError(
        .busy,
        "No connection was free in time; repeat the call, or raise the pool's maximum or its "
            + "timeout.")
}

extension StoreError: CustomStringConvertible {
    /// The message, with the code in brackets.
    public var description: String { "\(message) [\(code.rawValue)]" }
}

extension StoreError.Code {
    /// No such row in this organization, or it is deleted.
    public static let notFound = Self(rawValue: "notFound")
    /// A live row already has this name or key.
    public static let alreadyExists = Self(rawValue: "alreadyExists")
    /// The row has changed since it was read, or its state does not allow the call.
    public static let conflict = Self(rawValue: "conflict")
    /// Other rows still refer to the row, or it refers to one that does not exist.
    public static let foreignKeyViolation = Self(rawValue: "foreignKeyViolation")
    /// A value breaks a rule of the schema.
    public static let checkViolation = Self(rawValue: "checkViolation")
    /// A value that no backend can keep: too long, NUL, not finite, not JSON.
    public static let invalidValue = Self(rawValue: "invalidValue")
    /// The workspace may not do this.
    public static let permissionDenied = Self(rawValue: "permissionDenied")
    /// A key that the call needs is not configured.
    public static let missingKey = Self(rawValue: "missingKey")
    /// A gate keeps the version from the stage; ``StoreError/promotion`` has every check.
    public static let promotionRefused = Self(rawValue: "promotionRefused")
    /// The organization's limit is reached.
    public static let quotaExceeded = Self(rawValue: "quotaExceeded")
    /// Another process held the write lock for longer than the busy timeout, or no connection was
    /// free in time.
    public static let busy = Self(rawValue: "busy")
    /// A synchronous call inside a call of the same store, such as the body of a transaction.
    public static let nestedTransaction = Self(rawValue: "nestedTransaction")
    /// The disk is full; the transaction was rolled back.
    public static let diskFull = Self(rawValue: "diskFull")
    /// The file or its directory cannot be written.
    public static let readOnly = Self(rawValue: "readOnly")
    /// The file was moved, replaced or removed while it was open.
    public static let fileMoved = Self(rawValue: "fileMoved")
    /// The file cannot be opened or created.
    public static let cannotOpen = Self(rawValue: "cannotOpen")
    /// The stored bytes are damaged.
    public static let corrupt = Self(rawValue: "corrupt")
    /// The file is not a SQLite database, or one of another program.
    public static let notADatabase = Self(rawValue: "notADatabase")
    /// The database was migrated by a newer version of the library.
    public static let schemaTooNew = Self(rawValue: "schemaTooNew")
    /// The database has to be migrated first.
    public static let schemaTooOld = Self(rawValue: "schemaTooOld")
    /// An applied migration differs from the library's, or there is a gap.
    public static let migrationChanged = Self(rawValue: "migrationChanged")
    /// The snapshot was given up because it kept the WAL above its budget.
    public static let snapshotExpired = Self(rawValue: "snapshotExpired")
    /// The store, transaction or run was used after its end.
    public static let closed = Self(rawValue: "closed")
    /// The connection to the server was lost; nothing of the transaction was kept.
    public static let connectionLost = Self(rawValue: "connectionLost")
    /// The connection was lost or the disk failed around COMMIT; the transaction may or may not
    /// have been kept.
    public static let commitUnknown = Self(rawValue: "commitUnknown")
    /// Other transactions kept this one from ending, however often it was run again.
    public static let serializationFailure = Self(rawValue: "serializationFailure")
    /// Reading or writing a file failed.
    public static let inputOutput = Self(rawValue: "inputOutput")
    /// An error of the database with no code of its own; the message has the details.
    public static let database = Self(rawValue: "database")
}

extension Result where Failure == StoreError {
    init(_ body: () throws -> Success) {
        do {
            self = .success(try body())
        } catch {
            self = .failure(error as? StoreError ?? StoreError(.invalidValue, "\(error)"))
        }
    }
}

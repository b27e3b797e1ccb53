/// What everybody may do, as it is demanded: the scenarios compare the store with it.
///
/// `ok`: done, or refused as it would be to an owner. `denied`: `.permissionDenied`. `absent`:
/// `.notFound`, `nil`, no rows, or zero, though an owner gets rows.
enum PermissionTable {
    /// The level that a role in the organization and a role in a project give, in a project that is
    /// private and in one of visibility `organization`.
    ///
    /// Owners and admins of the organization act as owners of every project, and its viewers read
    /// only, whatever their role in the project.
    static let standings = """
        organization  project       private   organization
        owner         owner         org       org
        owner         maintainer    org       org
        owner         contributor   org       org
        owner         viewer        org       org
        owner         none          org       org
        admin         owner         admin     admin
        admin         maintainer    admin     admin
        admin         contributor   admin     admin
        admin         viewer        admin     admin
        admin         none          admin     admin
        member        owner         owner     owner
        member        maintainer    maint     maint
        member        contributor   contr     contr
        member        viewer        viewer    viewer
        member        none          hidden    viewer
        viewer        owner         reader    reader
        viewer        maintainer    reader    reader
        viewer        contributor   reader    reader
        viewer        viewer        reader    reader
        viewer        none          blind     reader
        """

    /// The answers to each method at each level.
    ///
    /// - `org`, `admin`: an owner or admin of the organization.
    /// - `owner`, `maint`, `contr`, `viewer`: a member of the organization with this role in the
    ///   project; `viewer` also one without a role who sees it. The role is the same everywhere.
    /// - `hidden`: a member of the organization who does not see the project.
    /// - `reader`, `blind`: a viewer of the organization who sees the project, or does not.
    static let people = """
          level                       org    admin  owner  maint  contr  viewer hidden reader blind
        UserRepository
          insert                      denied denied denied denied denied denied denied denied denied
          insert(contentsOf:)         denied denied denied denied denied denied denied denied denied
          findIfExists                ok     ok     ok     ok     ok     ok     ok     ok     ok
          page                        ok     ok     ok     ok     ok     ok     ok     ok     ok
          count                       ok     ok     ok     ok     ok     ok     ok     ok     ok
          forEach                     ok     ok     ok     ok     ok     ok     ok     ok     ok
          update                      denied denied denied denied denied denied denied denied denied
          delete                      denied denied denied denied denied denied denied denied denied
          restore                     denied denied denied denied denied denied denied denied denied
          purgePreview                denied denied denied denied denied denied denied denied denied
          purge                       denied denied denied denied denied denied denied denied denied
          withEmail                   ok     ok     ok     ok     ok     ok     ok     ok     ok
          deactivate                  denied denied denied denied denied denied denied denied denied
          activate                    denied denied denied denied denied denied denied denied denied
          erase                       denied denied denied denied denied denied denied denied denied
        OrganizationRepository
          insert                      denied denied denied denied denied denied denied denied denied
          insert(contentsOf:)         denied denied denied denied denied denied denied denied denied
          findIfExists                ok     ok     ok     ok     ok     ok     ok     ok     ok
          page                        ok     ok     ok     ok     ok     ok     ok     ok     ok
          count                       ok     ok     ok     ok     ok     ok     ok     ok     ok
          forEach                     ok     ok     ok     ok     ok     ok     ok     ok     ok
          update                      ok     ok     denied denied denied denied denied denied denied
          delete                      ok     denied denied denied denied denied denied denied denied
          restore                     ok     denied denied denied denied denied denied denied denied
          purgePreview                ok     denied denied denied denied denied denied denied denied
          purge                       ok     denied denied denied denied denied denied denied denied
          update of a limit           denied denied denied denied denied denied denied denied denied
          withSlug                    ok     ok     ok     ok     ok     ok     ok     ok     ok
        OrganizationMembershipRepository
          insert                      ok     ok     denied denied denied denied denied denied denied
          insert(contentsOf:)         ok     ok     denied denied denied denied denied denied denied
          findIfExists                ok     ok     ok     ok     ok     ok     ok     ok     ok
          page                        ok     ok     ok     ok     ok     ok     ok     ok     ok
          count                       ok     ok     ok     ok     ok     ok     ok     ok     ok
          forEach                     ok     ok     ok     ok     ok     ok     ok     ok     ok
          update                      ok     ok     denied denied denied denied denied denied denied
          delete                      ok     ok     denied denied denied denied denied denied denied
          restore                     ok     ok     denied denied denied denied denied denied denied
          purgePreview                ok     ok     denied denied denied denied denied denied denied
          purge                       ok     ok     denied denied denied denied denied denied denied
          insert of an owner          ok     denied denied denied denied denied denied denied denied
          update of an owner          ok     denied denied denied denied denied denied denied denied
          update to owner             ok     denied denied denied denied denied denied denied denied
          delete of an owner          ok     denied denied denied denied denied denied denied denied
          delete of one's own         ok     ok     ok     ok     ok     ok     ok     ok     ok
          restore of an owner         ok     denied denied denied denied denied denied denied denied
          purge of an owner           ok     denied denied denied denied denied denied denied denied
          changeRole                  ok     denied denied denied denied denied denied denied denied
          accept                      ok     ok     ok     ok     ok     ok     ok     ok     ok
          leave                       ok     ok     ok     ok     ok     ok     ok     ok     ok
          membership                  ok     ok     ok     ok     ok     ok     ok     ok     ok
          members                     ok     ok     ok     ok     ok     ok     ok     ok     ok
          of(user:)                   ok     ok     ok     ok     ok     ok     ok     ok     ok
        ProjectRepository
          insert                      ok     ok     ok     ok     ok     ok     ok     denied denied
          insert(contentsOf:)         ok     ok     ok     ok     ok     ok     ok     denied denied
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          update                      ok     ok     ok     denied denied denied absent denied absent
          delete                      ok     ok     ok     denied denied denied absent denied absent
          restore                     ok     ok     ok     denied denied denied absent denied absent
          purgePreview                ok     ok     ok     denied denied denied absent denied absent
          purge                       ok     ok     ok     denied denied denied absent denied absent
          withSlug                    ok     ok     ok     ok     ok     ok     absent ok     absent
          ofMember                    ok     ok     ok     ok     ok     ok     absent ok     absent
        ProjectMemberRepository
          insert                      ok     ok     ok     denied denied denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     denied denied denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          update                      ok     ok     ok     denied denied denied absent denied absent
          delete                      ok     ok     ok     denied denied denied absent denied absent
          restore                     ok     ok     ok     denied denied denied absent denied absent
          purgePreview                ok     ok     ok     denied denied denied absent denied absent
          purge                       ok     ok     ok     denied denied denied absent denied absent
          membership                  ok     ok     ok     ok     ok     ok     absent ok     absent
          members                     ok     ok     ok     ok     ok     ok     absent ok     absent
        """

    /// Models, experiments and what is below them; see ``people``.
    static let registry = """
        ModelRepository
          insert                      ok     ok     ok     ok     ok     denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     ok     denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          update                      ok     ok     ok     ok     ok     denied absent denied absent
          delete                      ok     ok     ok     ok     denied denied absent denied absent
          restore                     ok     ok     ok     ok     denied denied absent denied absent
          purgePreview                ok     ok     ok     denied denied denied absent denied absent
          purge                       ok     ok     ok     denied denied denied absent denied absent
          named                       ok     ok     ok     ok     ok     ok     absent ok     absent
        ModelVersionRepository
          insert                      ok     ok     ok     ok     ok     denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     ok     denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          update                      ok     ok     ok     ok     ok     denied absent denied absent
          delete                      ok     ok     ok     ok     ok     denied absent denied absent
          restore                     ok     ok     ok     ok     ok     denied absent denied absent
          purgePreview                ok     ok     ok     denied denied denied absent denied absent
          purge                       ok     ok     ok     denied denied denied absent denied absent
          insert with a source run    ok     ok     ok     ok     ok     denied absent denied absent
          insert in production        ok     ok     ok     ok     denied denied absent denied absent
          update in production        ok     ok     ok     ok     denied denied absent denied absent
          update to production        ok     ok     ok     ok     denied denied absent denied absent
          update from production      ok     ok     ok     ok     denied denied absent denied absent
          delete in production        ok     ok     ok     ok     denied denied absent denied absent
          restore to production       ok     ok     ok     ok     denied denied absent denied absent
          promote                     ok     ok     ok     ok     denied denied absent denied absent
          promote to staging          ok     ok     ok     ok     ok     denied absent denied absent
          promote from production     ok     ok     ok     ok     denied denied absent denied absent
          promote archiving others    ok     ok     ok     ok     denied denied absent denied absent
          version(_:of:)              ok     ok     ok     ok     ok     ok     absent ok     absent
          of(model:)                  ok     ok     ok     ok     ok     ok     absent ok     absent
          inStage                     ok     ok     ok     ok     ok     ok     absent ok     absent
          latest                      ok     ok     ok     ok     ok     ok     absent ok     absent
          nextVersion                 ok     ok     ok     ok     ok     ok     absent ok     absent
          lineage                     ok     ok     ok     ok     ok     ok     absent ok     absent
        ExperimentRepository
          insert                      ok     ok     ok     ok     ok     denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     ok     denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          update                      ok     ok     ok     ok     ok     denied absent denied absent
          delete                      ok     ok     ok     ok     ok     denied absent denied absent
          restore                     ok     ok     ok     ok     ok     denied absent denied absent
          purgePreview                ok     ok     ok     denied denied denied absent denied absent
          purge                       ok     ok     ok     denied denied denied absent denied absent
          insert with a model         ok     ok     ok     ok     ok     denied absent denied absent
          named                       ok     ok     ok     ok     ok     ok     absent ok     absent
          of(project:)                ok     ok     ok     ok     ok     ok     absent ok     absent
        ExperimentRunRepository
          insert                      ok     ok     ok     ok     ok     denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     ok     denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          update                      ok     ok     ok     ok     ok     denied absent denied absent
          delete                      ok     ok     ok     ok     ok     denied absent denied absent
          restore                     ok     ok     ok     ok     ok     denied absent denied absent
          purgePreview                ok     ok     ok     denied denied denied absent denied absent
          purge                       ok     ok     ok     denied denied denied absent denied absent
          insert with a parent run    ok     ok     ok     ok     ok     denied absent denied absent
          update with a parent run    ok     ok     ok     ok     ok     denied absent denied absent
          of(experiment:)             ok     ok     ok     ok     ok     ok     absent ok     absent
          children                    ok     ok     ok     ok     ok     ok     absent ok     absent
          ancestors                   ok     ok     ok     ok     ok     ok     absent ok     absent
          ranked                      ok     ok     ok     ok     ok     ok     absent ok     absent
          versions                    ok     ok     ok     ok     ok     ok     absent ok     absent
          running                     ok     ok     ok     ok     ok     ok     absent ok     absent
          record of metrics           ok     ok     ok     ok     ok     denied absent denied absent
          record of an artifact       ok     ok     ok     ok     ok     denied absent denied absent
          record of a heartbeat       ok     ok     ok     ok     ok     denied absent denied absent
          end                         ok     ok     ok     ok     ok     denied absent denied absent
          resume                      ok     ok     ok     ok     ok     denied absent denied absent
        RunMetricRepository
          insert                      ok     ok     ok     ok     ok     denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     ok     denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          history                     ok     ok     ok     ok     ok     ok     absent ok     absent
          forEachPoint                ok     ok     ok     ok     ok     ok     absent ok     absent
          buckets                     ok     ok     ok     ok     ok     ok     absent ok     absent
          names                       ok     ok     ok     ok     ok     ok     absent ok     absent
          last                        ok     ok     ok     ok     ok     ok     absent ok     absent
        """

    /// Deployments and what is below them; see ``people``.
    static let deployments = """
        DeploymentRepository
          insert                      ok     ok     ok     ok     denied denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     denied denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          update                      ok     ok     ok     ok     denied denied absent denied absent
          delete                      ok     ok     ok     ok     denied denied absent denied absent
          restore                     ok     ok     ok     ok     denied denied absent denied absent
          purgePreview                ok     ok     ok     denied denied denied absent denied absent
          purge                       ok     ok     ok     denied denied denied absent denied absent
          insert into a project       ok     ok     ok     ok     denied denied absent denied absent
          deploy of a version         ok     ok     ok     ok     denied denied absent denied absent
          update(_:to:) of one        ok     ok     ok     ok     denied denied absent denied absent
          update(_:to:) to a version  ok     ok     ok     ok     denied denied absent denied absent
          scale                       ok     ok     ok     ok     denied denied absent denied absent
          rollback                    ok     ok     ok     ok     denied denied absent denied absent
          rollback to a version       ok     ok     ok     ok     denied denied absent denied absent
          terminate                   ok     ok     ok     ok     denied denied absent denied absent
          named                       ok     ok     ok     ok     ok     ok     absent ok     absent
          of(project:)                ok     ok     ok     ok     ok     ok     absent ok     absent
          of(version:)                ok     ok     ok     ok     ok     ok     absent ok     absent
          liveVersion                 ok     ok     ok     ok     ok     ok     absent ok     absent
        DeploymentHistoryRepository
          insert                      ok     ok     ok     ok     denied denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     denied denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          insert of a version         ok     ok     ok     ok     denied denied absent denied absent
          complete                    ok     ok     ok     ok     denied denied absent denied absent
          of(deployment:)             ok     ok     ok     ok     ok     ok     absent ok     absent
        ModelMonitoringRepository
          insert                      ok     ok     ok     ok     denied denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     denied denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          series                      ok     ok     ok     ok     ok     ok     absent ok     absent
          anomalies                   ok     ok     ok     ok     ok     ok     absent ok     absent
        DataDriftReportRepository
          insert                      ok     ok     ok     ok     denied denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     denied denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          of(deployment:overlapping:) ok     ok     ok     ok     ok     ok     absent ok     absent
          latest                      ok     ok     ok     ok     ok     ok     absent ok     absent
        AlertRepository
          insert                      ok     ok     ok     ok     denied denied absent denied absent
          insert(contentsOf:)         ok     ok     ok     ok     denied denied absent denied absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          update                      ok     ok     ok     ok     denied denied absent denied absent
          raise                       ok     ok     ok     ok     denied denied absent denied absent
          raise again                 ok     ok     ok     ok     denied denied absent denied absent
          acknowledge                 ok     ok     ok     ok     denied denied absent denied absent
          resolve                     ok     ok     ok     ok     denied denied absent denied absent
          open                        ok     ok     ok     ok     ok     ok     absent ok     absent
          unresolved                  ok     ok     ok     ok     ok     ok     absent ok     absent
          of(deployment:)             ok     ok     ok     ok     ok     ok     absent ok     absent
          insert of no project        ok     ok     denied denied denied denied denied denied denied
          raise of no project         ok     ok     denied denied denied denied denied denied denied
          update of no project        ok     ok     denied denied denied denied denied denied denied
          acknowledge of no project   ok     ok     denied denied denied denied denied denied denied
          resolve of no project       ok     ok     denied denied denied denied denied denied denied
          findIfExists of no project  ok     ok     ok     ok     ok     ok     ok     ok     ok
        """

    /// Keys, channels and rules, and the trail; see ``people``.
    static let security = """
        APIKeyRepository
          insert                      ok     ok     denied denied denied denied denied denied denied
          insert(contentsOf:)         ok     ok     denied denied denied denied denied denied denied
          findIfExists                ok     ok     absent absent absent absent absent absent absent
          page                        ok     ok     absent absent absent absent absent absent absent
          count                       ok     ok     absent absent absent absent absent absent absent
          forEach                     ok     ok     absent absent absent absent absent absent absent
          update                      ok     ok     absent absent absent absent absent absent absent
          delete                      ok     ok     absent absent absent absent absent absent absent
          restore                     ok     ok     absent absent absent absent absent absent absent
          purgePreview                ok     ok     absent absent absent absent absent absent absent
          purge                       ok     ok     absent absent absent absent absent absent absent
          revoke                      ok     ok     absent absent absent absent absent absent absent
          insert for an owner         ok     denied denied denied denied denied denied denied denied
          withPrefix                  ok     ok     absent absent absent absent absent absent absent
          of(user:)                   ok     ok     absent absent absent absent absent absent absent
          insert of one's own         ok     ok     ok     ok     ok     ok     ok     ok     ok
          findIfExists of one's own   ok     ok     ok     ok     ok     ok     ok     ok     ok
          update of one's own         ok     ok     ok     ok     ok     ok     ok     ok     ok
          revoke of one's own         ok     ok     ok     ok     ok     ok     ok     ok     ok
          delete of one's own         ok     ok     ok     ok     ok     ok     ok     ok     ok
          restore of one's own        ok     ok     ok     ok     ok     ok     ok     ok     ok
          purge of one's own          ok     ok     ok     ok     ok     ok     ok     ok     ok
        NotificationChannelRepository
          insert                      ok     ok     ok     ok     denied denied denied denied denied
          insert(contentsOf:)         ok     ok     ok     ok     denied denied denied denied denied
          findIfExists                ok     ok     ok     ok     absent absent absent absent absent
          page                        ok     ok     ok     ok     absent absent absent absent absent
          count                       ok     ok     ok     ok     absent absent absent absent absent
          forEach                     ok     ok     ok     ok     absent absent absent absent absent
          update                      ok     ok     denied denied absent absent absent absent absent
          delete                      ok     ok     denied denied absent absent absent absent absent
          restore                     ok     ok     denied denied absent absent absent absent absent
          purgePreview                ok     ok     denied denied absent absent absent absent absent
          purge                       ok     ok     denied denied absent absent absent absent absent
          named                       ok     ok     ok     ok     absent absent absent absent absent
          openedConfig                ok     ok     denied denied absent absent absent absent absent
          update of one's own         ok     ok     ok     ok     denied denied denied denied denied
          delete of one's own         ok     ok     ok     ok     denied denied denied denied denied
          restore of one's own        ok     ok     ok     ok     denied denied denied denied denied
          purge of one's own          ok     ok     denied denied denied denied denied denied denied
        NotificationRuleRepository
          insert                      ok     ok     ok     ok     absent absent absent absent absent
          insert(contentsOf:)         ok     ok     ok     ok     absent absent absent absent absent
          findIfExists                ok     ok     ok     ok     ok     ok     absent ok     absent
          page                        ok     ok     ok     ok     ok     ok     absent ok     absent
          count                       ok     ok     ok     ok     ok     ok     absent ok     absent
          forEach                     ok     ok     ok     ok     ok     ok     absent ok     absent
          update                      ok     ok     ok     ok     denied denied absent denied absent
          delete                      ok     ok     ok     ok     denied denied absent denied absent
          restore                     ok     ok     ok     ok     denied denied absent denied absent
          purgePreview                ok     ok     ok     denied denied denied absent denied absent
          purge                       ok     ok     ok     denied denied denied absent denied absent
          insert for a project        ok     ok     ok     ok     absent absent absent absent absent
          insert for a deployment     ok     ok     denied denied absent absent absent absent absent
          insert of no project        ok     ok     denied denied absent absent absent absent absent
          findIfExists of no project  ok     ok     ok     ok     ok     ok     ok     ok     ok
          update of no project        ok     ok     denied denied denied denied denied denied denied
          delete of no project        ok     ok     denied denied denied denied denied denied denied
          restore of no project       ok     ok     denied denied denied denied denied denied denied
          purge of no project         ok     ok     denied denied denied denied denied denied denied
          named                       ok     ok     ok     ok     ok     ok     absent ok     absent
          of(channel:)                ok     ok     ok     ok     ok     ok     absent ok     absent
          matching                    ok     ok     ok     ok     ok     ok     absent ok     absent
        AuditLogRepository
          insert                      ok     ok     denied denied denied denied denied denied denied
          insert(contentsOf:)         ok     ok     denied denied denied denied denied denied denied
          findIfExists                ok     ok     denied denied denied denied denied denied denied
          page                        ok     ok     denied denied denied denied denied denied denied
          count                       ok     ok     denied denied denied denied denied denied denied
          forEach                     ok     ok     denied denied denied denied denied denied denied
          of(resource:id:)            ok     ok     denied denied denied denied denied denied denied
          verifyChain                 ok     ok     denied denied denied denied denied denied denied
          seal                        ok     ok     denied denied denied denied denied denied denied
          verify                      ok     ok     denied denied denied denied denied denied denied
        """

    /// All of them.
    static let answers = [people, registry, deployments, security].joined(separator: "\n")
}

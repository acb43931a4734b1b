package clickledger;

import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.hive.conf.HiveConf;
import org.apache.hadoop.hive.ql.security.HiveAuthenticationProvider;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HiveAccessControlException;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HiveAccessController;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HiveAuthorizer;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HiveAuthorizerFactory;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HiveAuthorizerImpl;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HiveAuthzContext;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HiveAuthzSessionContext;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HiveMetastoreClientFactory;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HiveOperationType;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HivePrivilegeObject;
import org.apache.hadoop.hive.ql.security.authorization.plugin.HivePrivilegeObject.HivePrivilegeObjectType;
import org.apache.hadoop.hive.ql.security.authorization.plugin.sqlstd.DummyHiveAuthorizationValidator;

/** The platform may do everything. Analysts read the databases of events, and look at what there is to read. */
public class Rights implements HiveAuthorizerFactory {
  private static final String DATABASES = "clickledger.databases";

  private static final Set<HivePrivilegeObjectType> OF_TABLES =
      EnumSet.of(HivePrivilegeObjectType.TABLE_OR_VIEW, HivePrivilegeObjectType.PARTITION);
  private static final Set<HiveOperationType> NAMES =
      EnumSet.of(
          HiveOperationType.SWITCHDATABASE,
          HiveOperationType.SHOWDATABASES,
          HiveOperationType.DESCDATABASE,
          HiveOperationType.SHOWTABLES,
          HiveOperationType.SHOWVIEWS,
          HiveOperationType.SHOWFUNCTIONS,
          HiveOperationType.DESCFUNCTION,
          HiveOperationType.GET_CATALOGS,
          HiveOperationType.GET_SCHEMAS,
          HiveOperationType.GET_TABLES,
          HiveOperationType.GET_TABLETYPES,
          HiveOperationType.GET_COLUMNS,
          HiveOperationType.GET_FUNCTIONS,
          HiveOperationType.GET_TYPEINFO);
  private static final Set<HiveOperationType> READS =
      EnumSet.of(
          HiveOperationType.QUERY,
          HiveOperationType.EXPLAIN,
          HiveOperationType.DESCTABLE,
          HiveOperationType.SHOWCOLUMNS,
          HiveOperationType.SHOWPARTITIONS,
          HiveOperationType.SHOW_CREATETABLE,
          HiveOperationType.SHOW_TBLPROPERTIES);

  @Override
  public HiveAuthorizer createHiveAuthorizer(
      HiveMetastoreClientFactory metastore, HiveConf conf, HiveAuthenticationProvider who, HiveAuthzSessionContext session) {
    boolean isPlatform = Login.isPlatform(who.getUserName(), conf);
    return new HiveAuthorizerImpl(
        nothingGranted(), isPlatform ? new DummyHiveAuthorizationValidator() : new Readers(conf));
  }

  /** There are no roles and no grants to look at: what may be done is written here. */
  private static HiveAccessController nothingGranted() {
    return (HiveAccessController)
        Proxy.newProxyInstance(
            Rights.class.getClassLoader(),
            new Class<?>[] {HiveAccessController.class},
            (proxy, method, args) -> method.getReturnType() == List.class ? List.of() : null);
  }

  private static final class Readers extends DummyHiveAuthorizationValidator {
    private final Set<String> databases;

    Readers(HiveConf conf) {
      databases = Set.of(conf.getTrimmedStrings(DATABASES));
    }

    @Override
    public void checkPrivileges(
        HiveOperationType operation,
        List<HivePrivilegeObject> inputs,
        List<HivePrivilegeObject> outputs,
        HiveAuthzContext context)
        throws HiveAccessControlException {
      if (NAMES.contains(operation)) return;
      if (!READS.contains(operation)) throw refusal("may not " + operation);
      for (HivePrivilegeObject input : inputs) if (!isReadable(input)) throw refusal("may not read " + input);
      // A query that writes into a table or a folder is a QUERY too.
      if (outputs != null && !outputs.isEmpty()) throw refusal("may not write into " + outputs.get(0));
    }

    private boolean isReadable(HivePrivilegeObject object) {
      if (object.getType() == HivePrivilegeObjectType.DATABASE) return true;
      return OF_TABLES.contains(object.getType()) && databases.contains(object.getDbname().toLowerCase(Locale.ROOT));
    }

    private static HiveAccessControlException refusal(String what) {
      return new HiveAccessControlException("Permission denied: an analyst " + what);
    }
  }
}

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import javax.security.sasl.AuthenticationException;
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
import org.apache.hadoop.hive.ql.security.authorization.plugin.sqlstd.DummyHiveAuthorizationValidator;
import org.apache.hive.service.auth.PasswdAuthenticationProvider;

/** Stands for a directory of users and their rights: what LDAP and Ranger are in an organisation. */
public class HiveLogin implements PasswdAuthenticationProvider, HiveAuthorizerFactory {
  private static final String READER = "@READER@";
  private static final Set<String> USERS = Set.of("@USER@", READER);
  private static final Set<HiveOperationType> READS =
      Set.of(HiveOperationType.QUERY, HiveOperationType.SWITCHDATABASE, HiveOperationType.SHOWDATABASES);

  @Override
  public void Authenticate(String user, String password) throws AuthenticationException {
    if (!USERS.contains(user) || !"@PASSWORD@".equals(password)) {
      throw new AuthenticationException("Error validating the login of " + user);
    }
  }

  @Override
  public HiveAuthorizer createHiveAuthorizer(
      HiveMetastoreClientFactory metastore, HiveConf conf, HiveAuthenticationProvider who, HiveAuthzSessionContext session) {
    ClassLoader loader = HiveLogin.class.getClassLoader();
    HiveAccessController nothingIsGranted =
        (HiveAccessController)
            Proxy.newProxyInstance(
                loader,
                new Class<?>[] {HiveAccessController.class},
                (proxy, method, args) -> method.getReturnType() == List.class ? List.of() : null);
    return new HiveAuthorizerImpl(
        nothingIsGranted,
        new DummyHiveAuthorizationValidator() {
          @Override
          public void checkPrivileges(
              HiveOperationType operation,
              List<HivePrivilegeObject> inputs,
              List<HivePrivilegeObject> outputs,
              HiveAuthzContext context)
              throws HiveAccessControlException {
            if (READER.equals(who.getUserName()) && !READS.contains(operation)) {
              throw new HiveAccessControlException(
                  "Permission denied: Principal [name=" + READER + ", type=USER] may not " + operation);
            }
          }
        });
  }
}

# awk -v n=10000 -v edit=0|1|2 -f site.awk: a dump of n user associations in n/50
# accounts, nested three deep; edit=1 changes one row in a hundred, edit=2 leaves
# one user in five out.
BEGIN {
  srand(1)
  accounts = int(n / 50); if (accounts < 1) accounts = 1
  print "# To edit this file start with a cluster line for the new cluster"
  print "Cluster - 'big':Fairshare=1:QOS='normal'"
  print "Parent - 'root'"
  print "User - 'root':DefaultAccount='root':AdminLevel='Administrator':Fairshare=1"
  divisions = int(accounts / 20) + 1
  for (d = 0; d < divisions; d++)
    printf "Account - 'div%d':Description='division %d':Organization='org':Fairshare=%d\n", d, d, d % 90 + 2
  for (d = 0; d < divisions; d++) {
    printf "Parent - 'div%d'\n", d
    for (a = d; a < accounts; a += divisions)
      printf "Account - 'acct%d':Description='project %d':Organization='div%d':Fairshare=%d:GrpTRES=cpu=%d\n", a, a, d, a % 7 + 1, a % 500 + 1
  }
  for (a = 0; a < accounts; a++) {
    printf "Parent - 'acct%d'\n", a
    for (u = a * 50; u < a * 50 + 50 && u < n; u++) {
      if (edit == 2 && u % 5 == 3) continue
      jobs = u % 30 + 1
      if (edit == 1 && u % 100 == 7) jobs += 1000
      printf "User - 'user%d':DefaultAccount='acct%d':Fairshare=1:MaxJobs=%d:MaxSubmitJobs=%d\n", u, a, jobs, u % 11 + 1
    }
  }
}

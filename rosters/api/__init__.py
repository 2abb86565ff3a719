from rosters.api import lists, uploads

urlpatterns = [*lists.urlpatterns, *uploads.urlpatterns]
